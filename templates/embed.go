// Package templates holds the layouts and built-in words of mails and pages, and
// what a new course begins with. Its one rule: it holds files and nothing else.
package templates

import "embed"

// FS holds the folders mail, page and course.
//
//go:embed all:mail all:page all:course
var FS embed.FS
