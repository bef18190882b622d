package attribute

type KeyValue struct{ k, v string }

func String(k, v string) KeyValue { return KeyValue{} }

func Int(k string, v int) KeyValue { return KeyValue{} }
