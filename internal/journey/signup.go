package journey

// SignUp is what somebody filled in, after its fields were checked: the address
// is well-formed, the zone exists, course and track are published.
type SignUp struct {
	Course   string `json:"course"`
	Track    string `json:"track"`
	Email    string `json:"email"`
	Name     string `json:"name"`
	TimeZone string `json:"time_zone"` // IANA
	SendHour *int   `json:"send_hour"` // minutes after midnight; nil keeps the course's
	Country  string `json:"country"`   // ISO 3166, upper case, or ""
	Language string `json:"language"`  // BCP 47, or "" for the course's
	Safe     string `json:"safe"`      // yes, no, unsure, or "" for no answer
	Mailbox  string `json:"mailbox"`   // private, shared, work, or ""
	// CrisisMail is what may come by mail when a reply tells of danger: full, link
	// or none; "" means full.
	CrisisMail string `json:"crisis_mail"`

	ConsentVersion string `json:"consent_version"`
	AdultVersion   string `json:"adult_version"`
	How            string `json:"-"` // form or api
}
