package trace

import "go.opentelemetry.io/otel/attribute"

type Span interface {
	SetAttributes(kv ...attribute.KeyValue)
	AddEvent(name string)
}
