// Package migrations holds the schema's numbered, forward-only steps.
package migrations

import "embed"

// FS holds the SQL files, read by goose.
//
//go:embed *.sql
var FS embed.FS
