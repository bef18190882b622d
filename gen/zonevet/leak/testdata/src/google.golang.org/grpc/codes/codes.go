package codes

type Code uint32
