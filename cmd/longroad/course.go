package main

// courseCommand groups what authors do; each has its own file.
type courseCommand struct {
	Lint     lintCommand     `cmd:"" help:"Check a course's files and name every fault."`
	Publish  publishCommand  `cmd:"" help:"Make a course's files the current version."`
	Versions versionsCommand `cmd:"" help:"List the published versions."`
	Simulate simulateCommand `cmd:"" help:"Foretell every mail that one reader would get."`
}
