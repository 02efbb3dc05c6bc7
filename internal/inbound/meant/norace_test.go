//go:build !race

package meant

const slowed = 1
