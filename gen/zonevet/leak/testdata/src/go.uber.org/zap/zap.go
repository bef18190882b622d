package zap

type Field struct{ s string }

func String(key, val string) Field { return Field{} }

func Any(key string, v any) Field { return Field{} }

func Int(key string, v int) Field { return Field{} }

type Logger struct{}

func (*Logger) Info(msg string, fields ...Field) {}

func (l *Logger) Sugar() *SugaredLogger { return nil }

type SugaredLogger struct{}

func (*SugaredLogger) Infof(template string, args ...any) {}

func (*SugaredLogger) Infow(msg string, kv ...any) {}
