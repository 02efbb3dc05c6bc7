package main

// courseCommand groups what authors do; each has its own file.
type courseCommand struct {
	New      newCourseCommand `cmd:"" help:"Make a small course to begin with."`
	Lint     lintCommand      `cmd:"" help:"Check a course's files and name every fault."`
	Preview  previewCommand   `cmd:"" help:"Show one letter as it would be mailed."`
	SendTest sendTestCommand  `cmd:"" help:"Mail letters to yourself, or write them to files, and look at what was built."`
	Publish  publishCommand   `cmd:"" help:"Make a course's files the current version."`
	Versions versionsCommand  `cmd:"" help:"List the published versions."`
	Simulate simulateCommand  `cmd:"" help:"Foretell every mail that one reader would get."`
}
