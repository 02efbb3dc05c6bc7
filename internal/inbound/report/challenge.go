package report

// readChallenge tells a challenge-response system's question: somebody's filter
// holds our mail until a person proves to be one. It is never answered.
func readChallenge(l *letter) (Report, bool) {
	why := ""
	head := l.opening
	asks := holds(head, []string{"confirm that you", "to confirm", "please confirm", "please verify", "verify that you", "to verify", "prove that you", "prove you", "authenticate", "click the link", "click on the link", "click here", "click below", "follow this link", "reply to this message", "reply to this email", "reply to this e-mail", "replying to this", "bestätigen sie", "klicken sie", "veuillez confirmer", "cliquez", "por favor confirme", "haga clic", "conferma", "clicca", "bevestig", "clique", "confirme", "send an empty message", "use your mailer's", "simply reply", "short request form", "fill out the", "click here", "follow the link", "acesse o link", "cliquer sur"})
	holdsBack := holds(head, []string{"not a robot", "are human", "are a human", "real person", "are a person", "human being", "not a spammer", "not spam", "spam protection", "spam filter", "anti-spam", "antispam", "unsolicited", "approved sender", "allowed sender", "whitelist", "white list", "allow list", "safe sender", "guest list", "will be delivered to", "before your message", "before your email", "before your e-mail", "held until", "has been held", "is being held", "on hold", "quarantine", "first time", "one-time", "one time", "not in my list", "unknown sender", "don't recognize", "do not recognize", "challenge", "zugestellt", "unerwünscht", "sera délivré", "sera remis", "correo no deseado", "posta indesiderata", "ongewenste", "protecting myself from", "junk mail", "approved beforehand", "only from senders", "only accept mail from", "has not been verified", "verify that you are", "as a legitimate", "als absender", "einmalig", "anti-pourriel", "antipourriel", "contre le spam", "êtes un humain", "en attente", "contra el spam", "es una persona", "contro lo spam", "kein roboter", "ein mensch sind", "known senders", "address is not known", "liste blanche", "lista blanca", "lista de remetentes", "tira-teima"})
	subject := holds(l.subject, []string{"verify#", "please verify", "verification required", "requires verification", "sender verification", "verify your email", "verify your message", "confirm your message", "confirm your email", "confirmation required", "please confirm", "confirm:", "challenge-response", "[challenge", "challenge:", "authorize your email", "action required to deliver", "your email is on hold", "your message is awaiting", "[qconfirm", "are you human", "not a spammer", "spamarrest", "spam arrest", "boxtrapper", "(verification)", "verification)", "ihre e-mail bestätigen", "ihre nachricht", "ihre mail bestätigen", "als absender", "bestätigung erforderlich", "confirmation de votre", "verificación", "antispam"})
	acts := holds(head, []string{"http://", "https://", "link below", "this link", "following link", "form below", "reply to this", "replying to this", "simply reply", "send an empty", "your mailer's", "request form", "folgenden link", "lien ci-dessous", "siguiente enlace", "clique aqui", "haga clic aquí", "seguente link"})
	switch {
	case l.header.Has("X-Spamarrest") || l.header.Has("X-SpamArrest") || l.header.Has("X-BoxTrapper") || l.header.Has("X-Boxtrapper-Verify") || l.header.Has("X-TMDA-Confirm") || l.header.Has("X-Qconfirm") || l.header.Has("X-ASK-Auth") || l.header.Has("X-Challenge"):
		why = "a challenge system's header"
	case subject && asks && acts && holdsBack && !l.quotes():
		why = "subject and text ask for a proof"
	case asks && holdsBack && (l.automatic() || l.null || holds(head[:min(len(head), 300)], automaticOpenings)) && holds(head, []string{"deliver", "whitelist", "white list", "approved", "inbox", "allow", "verified", "zustell", "délivr", "entreg", "consegn", "bezorg"}) && !holds(l.subject, returnedSubjects):
		why = "a machine asks for a proof"
	case asks && acts && !l.replied && !l.quotes() && holds(head, []string{"is being held", "has been held", "is held", "put on hold", "zurückgehalten", "est en attente", "está retenid", "è trattenuto"}) && holds(head, []string{"known senders", "address is not", "not on the list", "approved senders", "are a person", "are human", "spam protection", "contre le spam", "verified"}):
		why = "its text holds a mail back for a proof"
	default:
		return Report{}, false
	}
	return Report{Kind: Challenge, Why: why}, true
}
