// Package templates holds the layouts and built-in words of mails and pages.
// Its one rule: it holds files and nothing else; mailer and web read them.
package templates

import "embed"

// FS holds the folders mail and page.
//
//go:embed all:mail all:page
var FS embed.FS
