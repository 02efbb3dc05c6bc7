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

// variants say "ready" above or below "stop", in the shapes of more programs.
var variants = []string{
	"ready\n\n------- Original Message -------\nOn Tuesday, March 3rd, 2026 at 2:20 PM, Ann Lee <ann@example.org> wrote:\n\n> stop\n\n",
	"ready\n\nSent with Proton Mail secure email.\n\nOn Tuesday, March 3rd, 2026 at 14:20, Ann <ann@example.org> wrote:\n\n> stop",
	"ready\n\nAm Dienstag, dem 03. März 2026 14:20:11 CET schrieb Ann Lee:\n> stop\n",
	"ready\n\n* Ann Lee <ann@example.org> [2026-03-03 14:20]:\n> stop\n",
	"ready\n\nAnn Lee <ann@example.org> wrote (on 3 Mar 2026):\n\nstop",
	"ready\n\nEl mar., 3 mar. 2026 14:20, Ann Lee <ann@example.org> escribió:\n\n> stop",
	"ready\n\n2026-03-03 14:20 GMT+01:00 Ann Lee <ann@example.org>:\n\n> stop",
	"ready\n\nOn Tue, 3 Mar 2026, 14:20 Ann Lee, <ann@example.org> wrote:\n\n> stop",
	"ready\n\n-- \nAnn\n\n-----Ursprüngliche Nachricht-----\nVon: Ann [mailto:ann@example.org] \nGesendet: Dienstag, 3. März 2026 14:20\nAn: b@example.org\nBetreff: AW: x\n\nstop",
	"ready\n\n  _____  \n\nVon: Ann Lee\nGesendet: 3. März\nAn: Bert\nBetreff: x\n\nstop",
	"ready\n\n________________________________\n发件人: Ann <a@b.cn>\n发送时间: 2026年3月3日\n收件人: B\n主题: x\n\nstop",
	"ready\n\n\n\n---Original---\nFrom: \"Ann\"<ann@example.org>\nDate: Tue, Mar 3, 2026 14:20 PM\nTo: \"b\"<b@example.org>;\nSubject: x\n\nstop",
	"ready\r\n\r\nOn Mar 3, 2026 2:20 PM, \"Ann Lee\" <ann@example.org> wrote:\r\n>\r\n> stop\r\n",
	"ready\n\n---------- Původní zpráva ----------\nOd: Ann <ann@example.org>\nKomu: b@example.org\nDatum: 3. 3. 2026 14:20:11\nPředmět: x\n\nstop",
	"ready\n\n----- Reply message -----\nFrom: \"Ann\" <ann@example.org>\nTo: <b@example.org>\nSubject: x\nDate: Tue, Mar 3, 2026 14:20\n\nstop",
	"ready\n\n----- Mail original -----\nDe: \"Ann\" <ann@example.org>\nÀ: b@example.org\nEnvoyé: Mardi 3 Mars 2026 14:20:11\nObjet: x\n\nstop",
	"ready\n\nVtorek 3.3.2026 14:20 Ann <ann@example.org> je napísal:\n\nstop",
	"ready\n\nDne úterý 3. března 2026, Ann Lee <ann@example.org> napsal(a):\n> stop",
	"ready\n\nOn 3 March 2026 14:20:11 CET, Ann Lee <ann@example.org> wrote:\n>stop\n-- \nSent from my Android device with K-9 Mail. Please excuse my brevity.",
	"ready\n\nOn 3/3/2026 at 2:20 PM, Ann wrote:\n\n    stop\n",
	"ready\n\nDa: \"Ann\" ann@example.org\nA: b@example.org\nCc:\nData: Tue, 3 Mar 2026 14:20:11 +0100\nOggetto: x\n\nstop",
	"ready\n\n> Il giorno 3 mar 2026, alle ore 14:20, Ann <ann@example.org> ha scritto:\n> \n> stop",
	"ready\n\n>Messaggio originale<\nDa: ann@example.org\nstop",
	"ready\n\n----Messaggio originale----\nDa: ann@example.org\nData: 3-mar-2026 14.20\nA: <b@example.org>\nOgg: x\n\nstop",
	"From: Ann Lee <ann@example.org>\nDate: Tuesday, 3 March 2026 at 14:20\nTo: B <b@example.org>\nSubject: Re: x\n\n> stop\n\nready",
	"ready\n\nEm terça-feira, 3 de março de 2026 14:20:11 BRT, Ann Lee <ann@example.org> escreveu:\n\nstop",
	"ready\n\nDnia 3 marca 2026 14:20 Ann Lee <ann@example.org> napisał(a):\n\nstop",
	"ready\n\nW dniu 2026-03-03 14:20:11 użytkownik Ann Lee <ann@example.org> napisał:\n> stop",
	"ready\n\n---- W dniu wt., 03 mar 2026 14:20:11 +0100 Ann <ann@example.org> napisał(a) ----\n\nstop",
	"ready\n\n\n--\nAnn\n\n\nOn 3/3/26 14:20, Ann wrote:\nstop\n",
	"ready\n\nOn 3/3/26, 2:20 PM, \"Ann Lee\" <ann@example.org> wrote:\n\n    stop\n    now\n",
	"ready\n\n    From: Ann\n    Date: 3 March\n    To: B\n    Subject: x\n\n    stop",
	"ready\n\nEl 3 de marzo de 2026, 14:20, Ann Lee<ann@example.org> escribió:\n> stop",
	"ready\n\nВ Вт, 03/03/2026 в 14:20 +0300, Ann Lee пишет:\n> stop",
	"ready\n\nOn Tue, 2026-03-03 at 14:20 +0100, Ann Lee via List wrote:\n> stop",
	"ready\n\n 3 mars 2026 kl. 14:20 skrev \"Ann\" <ann@example.org>:\n\n> stop",
	"ready\n\n-------- Forwarded Message --------\nSubject: \tx\nDate: \tTue, 3 Mar 2026 14:20\nFrom: \tAnn\nTo: \tb@x.org\n\nstop",
}

func TestVariants(t *testing.T) {
	t.Parallel()
	for _, mail := range variants {
		if got := Reply(mail); got != "ready" {
			t.Errorf("%q\n got %q", mail, got)
		}
	}
}
