// Package courses carries the course files that ship with the program. Its one
// rule: it holds files and nothing else; package course reads them.
package courses

import "embed"

// FS holds one folder for each shipped course, such as long-road, the folders
// whose names begin with "_" included.
//
//go:embed all:long-road
var FS embed.FS
