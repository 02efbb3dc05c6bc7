package stacktest

import (
	"testing"

	"longroad/internal/devstack"
)

// PgBouncer returns a PgBouncer of the test's own, in transaction mode, before
// the database of an address such as Postgres gives.
func PgBouncer(t testing.TB, postgresURL string) *devstack.PgBouncer {
	t.Helper()
	b, err := devstack.StartPgBouncer(t.Context(), postgresURL)
	settle(t, "pgbouncer", err)
	t.Cleanup(b.Stop)
	return b
}
