package main

// courseCommand groups what authors do; each has its own file.
type courseCommand struct {
	Lint lintCommand `cmd:"" help:"Check a course's files and name every fault."`
}
