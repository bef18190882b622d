module github.com/sekisho-go/sekisho/gen/zonevet/golangci

go 1.26.0

require (
	github.com/golangci/plugin-module-register v0.1.2
	github.com/sekisho-go/sekisho v0.0.0
	golang.org/x/tools v0.52.0
)

require golang.org/x/text v0.43.0 // indirect

replace github.com/sekisho-go/sekisho => ../../..
