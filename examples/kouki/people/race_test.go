//go:build race

package people_test

// memoryRows is a tenth of what it is elsewhere: the race detector makes a row ten times as dear.
const memoryRows = 20_000
