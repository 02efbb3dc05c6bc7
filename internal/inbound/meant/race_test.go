//go:build race

package meant

// slowed is how much slower the race detector may make reading.
const slowed = 10
