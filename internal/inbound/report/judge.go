package report

// Judge tells what one server's answer about one recipient means, for those who
// have it without a report around it. Status is the enhanced code (RFC 3463), or
// ""; words are the server's own.
func Judge(status, words string) (Type, Reason) {
	r := Record{Action: "failed", Status: enhanced(status), Diagnostic: words}
	r.decide("", false)
	return r.Type, r.Reason
}
