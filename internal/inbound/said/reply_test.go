package said

import "testing"

// replies are mails of made-up people, as their programs send them.
var replies = []struct{ name, mail, want string }{
	{"nothing", "", ""},
	{"one word", "ready", "ready"},
	{"only a quote", "> ready\n> stop\n", ""},
	{"only a header and a quote", "On 3 Mar 2026, at 14:20, Ann Lee <ann@example.org> wrote:\n\n> ready\n", ""},
	{"only a bare quote", "From: Ann Lee <ann@example.org>\nSent: Monday, March 2, 2026 9:00 AM\nTo: Bert\nSubject: Letter 3\n\nready", ""},
	{"bottom posting", "On 3/3/26 14:20, Ann Lee wrote:\n> Are you ready?\n> Write stop to stop.\n\nYes, I am.\n", "Yes, I am."},
	{"bottom posting without a blank", "Ann Lee wrote:\n> Are you ready?\nYes, I am.", "Yes, I am."},
	{"between the lines", "Am 03.03.2026 um 14:20 schrieb Ann Lee:\n> Wie geht es?\n\nGut.\n\n> Bist du so weit?\n\nNoch nicht.\n\n> stop\n", "Gut.\n\nNoch nicht."},
	{"above, between and below", "Hola,\n\nEl 3/3/26 a las 14:20, Ana escribió:\n> ¿Lista?\nTodavía no.\n> ¿Cuándo?\nEl lunes.\n\nBea", "Hola,\n\nTodavía no.\nEl lunes.\n\nBea"},
	{"deep quotes", "klaar\n\n>>> stop\n>> niet\n> nee\n", "klaar"},
	{"spaced marks", "klaar\n\n> > > stop\n > niet\n", "klaar"},
	{"initials", "Fine by me.\nJD> Are you ready?\nJD> Or not?\nYes.\nAl>> stop\n", "Fine by me.\nYes."},
	{"bars after a header", "oui\n\nLe 3 mars 2026 à 14:20, Ann Lee a écrit :\n\n| pas encore\n| stop\n", "oui"},
	{"quoted line wrapped on the way", "ok\n\nAnn Lee wrote:\n> this sentence was so long that a server on its way broke it in two and\nleft the rest alone\n> stop\n", "ok"},
	{"link wrapped on the way", "ok\n\nAnn Lee wrote:\n> Read it here: https://www.example.org/letters/7/a-long-name-of-a-letter?\ntoken=abc&to=ann\n> stop\n", "ok"},
	{"short answer below a long question", "Ann Lee wrote:\n> would you say that the week that has passed was a good one for both of you?\nno\n> stop\n", "no"},
	{"arrows are no quote", ">>> important <<<\nI am ready", ">>> important <<<\nI am ready"},
	{"face", "I had to wait\n>:(\nready now", "I had to wait\n>:(\nready now"},
	{"a tag is no quote", "<b>ready</b>", "<b>ready</b>"},
	{"nbsp and crlf", "noch\u00a0nicht\u00a0\r\n\r\nAm\u00a003.03.26 um 14:20 schrieb\u00a0Ann:\r\n>\u00a0stop\r\n", "noch nicht"},
	{"marks of direction", "\u200fעוד לא\u200f\n\n\u202bבתאריך 3.3.2026 14:20, Ann <ann@example.org> כתב:\u202c\n\u200f> stop", "עוד לא"},
	{"zero width", "rea\u200bdy\ufeff\n\n\u200b> stop", "ready"},
	{"flowed", "This was a long week and I \nam not ready.\n\nOn 3/3/26 14:20, Ann wrote:\n> stop \n> now\n", "This was a long week and I\nam not ready."},
	{"decomposed accents", "pas prête\n\nLe 3 mars 2026 a\u0300 14:20, Ann Lee <ann@example.org> a e\u0301crit :\n\nstop", "pas prête"},

	{"prose: on", "On Monday I was sad.\nOn Tuesday, too.", "On Monday I was sad.\nOn Tuesday, too."},
	{"prose: date", "We met on 3 March 2026 at 14:20.\nIt went well:\nwe talked.", "We met on 3 March 2026 at 14:20.\nIt went well:\nwe talked."},
	{"prose: wrote", "He wrote me a letter. She wrote:\nnothing at all.", "He wrote me a letter. She wrote:\nnothing at all."},
	{"prose: appointment", "Our talk:\n\nDate: Monday 3 March 2026\nTime: 7:00 pm\nPlace: kitchen\n\nAnn", "Our talk:\n\nDate: Monday 3 March 2026\nTime: 7:00 pm\nPlace: kitchen\n\nAnn"},
	{"prose: journey", "From: Bonn\nTo: Rome\nI leave tomorrow.", "From: Bonn\nTo: Rome\nI leave tomorrow."},
	{"prose: list", "My week:\n- ready\n- set\n- go", "My week:\n- ready\n- set\n- go"},
	{"prose: rule", "one\n-----\ntwo", "one\n-----\ntwo"},
	{"prose: dashes", "I am -- how shall I say -- ready.", "I am -- how shall I say -- ready."},
	{"prose: sent from", "Sent from my desk, where I write every evening, so don't wonder.", "Sent from my desk, where I write every evening, so don't wonder."},
	{"prose: unsubscribe", "Unsubscribe me please", "Unsubscribe me please"},
	{"prose: confidential", "This is confidential: I am not ready.", "This is confidential: I am not ready."},
	{"prose: disclaimer", "Disclaimer: I am not ready yet.\n\nSorry.", "Disclaimer: I am not ready yet.\n\nSorry."},
	{"prose: sent", "Mektup gönderildi", "Mektup gönderildi"},
	{"prose: sent by", "Sent with the last mail, did you get it?", "Sent with the last mail, did you get it?"},
	{"prose: numbers", "No: 7\nDate: Monday", "No: 7\nDate: Monday"},
	{"prose: choices", "A: yes\nB: no\nDe: nothing", "A: yes\nB: no\nDe: nothing"},
	{"prose: time", "I wrote this at 14:20 on 3 March:\nfirst, we talked.", "I wrote this at 14:20 on 3 March:\nfirst, we talked."},
	{"prose: de", "Am Montag um 14:20 haben wir geredet:\nes war gut.", "Am Montag um 14:20 haben wir geredet:\nes war gut."},
	{"prose: fr", "Le 3 mars, il m'a écrit une lettre.\nPas encore prête.", "Le 3 mars, il m'a écrit une lettre.\nPas encore prête."},
	{"prose: an address", "My new address: ann@example.com\nIt holds from 3 March 2026.", "My new address: ann@example.com\nIt holds from 3 March 2026."},
	{"prose: wrote in a line", "On Monday 3 March at 14:20 he wrote me: I am sorry.", "On Monday 3 March at 14:20 he wrote me: I am sorry."},
	{"prose: two sections", "I am ready.\n\n--\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14", "I am ready.\n\n--\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14"},

	{"signature", "ready\n\n-- \nAnn Lee\nStop Smoking Ltd", "ready"},
	{"signature without its space", "ready\n\n--\nAnn Lee\nStop Smoking Ltd", "ready"},
	{"signature above a quote", "ready\n\n-- \nAnn Lee\n\nOn 3/3/26 14:20, Bert wrote:\n> stop", "ready"},
	{"signature alone comes back", "--\nready", "--\nready"},
	{"name behind a dash", "ready\n\n-Ann Lee\n\nOn 3/3/26 14:20, Bert wrote:\n> stop", "ready"},
	{"name alone stays", "-Ann", "-Ann"},
	{"iPhone", "ready\n\nSent from my iPhone", "ready"},
	{"iPhone, de", "noch nicht\n\nVon meinem iPhone gesendet\n\n> Am 03.03.2026 um 14:20 schrieb Ann <ann@example.org>:\n> \n> stop", "noch nicht"},
	{"iPhone, fr", "pas encore\n\nEnvoyé de mon iPhone\n\n> Le 3 mars 2026 à 14:20, Ann <ann@example.org> a écrit :\n> \n> stop", "pas encore"},
	{"iPhone, es", "lista\n\nEnviado desde mi iPhone", "lista"},
	{"iPhone, pt", "pronta\n\nEnviado do meu iPhone", "pronta"},
	{"iPhone, it", "pronta\n\nInviato da iPhone", "pronta"},
	{"iPhone, nl", "klaar\n\nVerstuurd vanaf mijn iPhone", "klaar"},
	{"iPhone, pl", "gotowa\n\nWysłane z iPhone'a", "gotowa"},
	{"iPhone, ru", "готова\n\nОтправлено с iPhone", "готова"},
	{"iPhone, tr", "hazır\n\niPhone'umdan gönderildi", "hazır"},
	{"iPhone, ja", "はい\n\niPhoneから送信", "はい"},
	{"iPhone, zh", "好\n\n发自我的 iPhone", "好"},
	{"iPhone, ko", "네\n\n나의 iPhone에서 보냄", "네"},
	{"iPhone, he", "מוכנה\n\nנשלח מה-iPhone שלי", "מוכנה"},
	{"Android, de", "fertig\n\nDiese Nachricht wurde von meinem Android-Gerät mit GMX Mail gesendet.", "fertig"},
	{"Outlook for iOS", "ready\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n________________________________\nFrom: Ann Lee <ann@example.org>\nSent: Monday, March 2, 2026 9:00:11 AM\nTo: Bert <bert@example.com>\nSubject: Letter 3\n\nstop", "ready"},
	{"Outlook für Android", "fertig\n\nOutlook für Android beziehen", "fertig"},
	{"device with an excuse", "ready\n\nSent from my Galaxy, please excuse my thumbs", "ready"},

	{"notice, en", "ready\n\nCONFIDENTIALITY NOTICE: stop reading.\nThis is for others.", "ready"},
	{"notice, long", "ready\n\nThis e-mail and any attachments are confidential and intended solely for the person to whom they are addressed. If you are not the intended recipient, stop and delete it.", "ready"},
	{"notice, de", "fertig\n\nDiese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der richtige Adressat sind, informieren Sie bitte unverzüglich den Absender und vernichten Sie diese Mail. Halt.", "fertig"},
	{"notice, fr", "prêt\n\nCe message et ses pièces jointes sont confidentiels. Si vous n'en êtes pas le destinataire et l'avez reçu par erreur, arrêtez et veuillez le détruire. Toute lecture non autorisée est interdite.", "prêt"},
	{"notice, es", "lista\n\nEste mensaje es confidencial y va dirigido exclusivamente a su destinatario. Si lo ha recibido por error, notifique y bórrelo: queda prohibida su divulgación.", "lista"},
	{"notice, it", "pronta\n\nIl presente messaggio contiene informazioni riservate, destinate esclusivamente ai destinatari. Se ricevuto per errore, basta distruggerlo: la diffusione è vietata.", "pronta"},
	{"warning at the top", "CAUTION: This email originated from outside of the organization. Stop before you click links.\n\nready", "ready"},
	{"mailing list", "ready\n\n_______________________________________________\ntalk mailing list\ntalk@lists.example.org\nhttps://lists.example.org/stop", "ready"},
	{"group", "ready\n\n-- \nYou received this message because you are subscribed to the group.\nTo unsubscribe from this group, stop.", "ready"},
	{"scanner", "klaar\n\n---\nDeze e-mail is gecontroleerd op virussen door Scanner.\nhttps://www.example.org/stop", "klaar"},
	{"reply above", "ready\n\n-- reply above this line --\n\nstop", "ready"},
	{"reply below a helpdesk's line", "##- Please type your reply above this line -##\nready", "ready"},

	{"two quotes", "ready\n\nOn 3/3/26 14:20, Ann wrote:\n> stop\n\nOn 3/2/26 14:20, Bert wrote:\n> no\n", "ready"},
	{"header within a bare quote", "ready\n\nFrom: Ann <ann@example.org>\nSent: Monday\nTo: Bert\nSubject: x\n\nstop\n\nOn 3/2/26 14:20, Bert wrote:\n> no\n\nnot ready", "ready"},
	{"forwarded", "see below\n\n---------- Forwarded message ---------\nVon: Ann <ann@example.org>\nDate: Di., 3. März 2026\nSubject: x\nTo: Bert\n\nstop", "see below"},
}

func TestReply(t *testing.T) {
	t.Parallel()
	for _, c := range replies {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := Reply(c.mail); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
