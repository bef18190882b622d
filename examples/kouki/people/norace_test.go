//go:build !race

package people_test

// memoryRows is how many rows TestConstantMemory reads.
const memoryRows = 200_000
