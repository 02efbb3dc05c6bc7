package said

import (
	"strings"
	"testing"
)

// TestShapes says "ready" above what many programs write around a quote, or
// sign with.
func TestShapes(t *testing.T) {
	t.Parallel()
	const q = "stop\n\nDear Ann,\nready? not yet?\n"
	m := "> " + strings.ReplaceAll(strings.TrimSpace(q), "\n", "\n> ") + "\n"
	for _, mail := range []string{
		"ready Longroad <letters@example.org> schrieb am Di., 3. März 2026, 14:20:\n\n" + m,
		"ready Ann Lee <letters@example.org> wrote:\n" + m,
		"ready\nAnn Lee <letters@example.org> wrote:\n" + m,
		"ready \"Lee, Ann\" <letters@example.org> wrote:\n" + m,
		// forwards and blocks
		"ready\n\n------ Original Message ------\nFrom: \"Ann\" <a@b.org>\nTo: \"B\" <b@c.org>\nSent: 03/03/2026 14:20:11\nSubject: x\n\n" + q,
		"ready\n\n------ Originalnachricht ------\nVon: \"Ann\" <a@b.org>\nAn: b@c.org\nGesendet: 03.03.2026 14:20:11\nBetreff: x\n\n" + q,
		"ready\n\n-------- Ursprüngliche Nachricht --------\nVon: Ann <a@b.org>\nDatum: 03.03.26 14:20 (GMT+01:00)\nAn: b\nBetreff: x\n\n" + q,
		"ready\n\n-------- Weitergeleitete Nachricht --------\nBetreff: \tx\nDatum: \tTue, 3 Mar 2026\nVon: \tAnn <a@b.org>\nAn: \tb@c.org\n\n" + q,
		"ready\n\n\n\nVon:\tAnn Lee/ORG\nAn:\tBert/ORG@ORG\nDatum:\t03.03.2026 14:20\nBetreff:\tx\n\n\n\n" + q,
		"ready\n\n\n\nFrom:   Ann Lee/ORG\nTo:     Bert/ORG@ORG\nDate:   03/03/2026 02:20 PM\nSubject:        x\n\n\n\n" + q,
		"ready\n\nAnn Lee/ORG wrote on 03/03/2026 02:20:11 PM:\n\n" + m,
		"ready\n\n-----Ann Lee/ORG wrote: -----\nTo: b@c.org\nFrom: Ann Lee/ORG\nDate: 03/03/2026 14:20\nSubject: x\n\n" + q,
		"ready\n\nDe : Ann Lee <a@b.org>\nDate : mardi 3 mars 2026 à 14:20\nÀ : B <b@c.org>\nObjet : x\n" + q,
		"ready\n\nVon: Ann Lee <a@b.org>\nDatum: Dienstag, 3. März 2026 um 14:20\nAn: B <b@c.org>\nBetreff: x\n" + q,
		"ready\n\nDe: Ann Lee <a@b.org>\nFecha: martes, 3 de marzo de 2026, 14:20\nPara: B <b@c.org>\nAsunto: x\n" + q,
		"ready\n\nDa: Ann Lee <a@b.org>\nData: martedì, 3 marzo 2026 14:20\nA: B <b@c.org>\nOggetto: x\n" + q,
		"ready\n\n---------- Weitergeleitete Nachricht ---------\nVon: Ann <a@b.org>\nDate: Di., 3. März 2026 um 14:20 Uhr\nSubject: x\nTo: <b@c.org>\n\n" + q,
		"ready\n\n---------- Mensaje reenviado ---------\nDe: Ann <a@b.org>\nDate: mar, 3 mar 2026 a las 14:20\nSubject: x\nTo: <b@c.org>\n\n" + q,
		"ready\n\nAnfang der weitergeleiteten Nachricht:\n\nVon: Ann <a@b.org>\nBetreff: x\nDatum: 3. März 2026 um 14:20:11 MEZ\nAn: b@c.org\n\n" + q,
		"ready\n\nInicio del mensaje reenviado:\n\nDe: Ann <a@b.org>\nAsunto: x\nFecha: 3 de marzo de 2026, 14:20:11 CET\nPara: b@c.org\n\n" + q,
		"ready\n\n--- Original Message ---\nFrom: Ann\n\n" + q,
		"ready\n\n***** Original message *****\n" + q,
		"ready\n\nTue, 3 Mar 2026 14:20:11 +0100 - Ann Lee <a@b.org>:\n\n" + m,
		"ready\n\nQuoting Ann Lee <a@b.org>:\n\n" + m,
		"ready\n\nCitando Ann Lee <a@b.org>:\n\n" + m,
		"ready\n\nCitando a Ann Lee (a@b.org):\n\n" + m,
		"ready\n\nSelon Ann Lee <a@b.org>:\n\n" + m,
		"ready\n\nQuoting Ann Lee <a@b.org>:\n\n" + q,
		"ready\n\nOn Tue, Mar 3, 2026, at 2:20 PM, Ann Lee wrote:\n" + m,
		"ready\n\nOn Tue, Mar 3, 2026, at 2:20 PM, Ann Lee wrote:\n\n" + q,
		"ready\n\nOn 3 March 2026 at 14:20:11, Ann Lee (a@b.org) wrote:\n\n" + q,
		"ready\n\nOn Mar 3, 2026 at 2:20 PM, <Ann Lee (mailto:a@b.org)> wrote:\n\n" + m,
		"ready\n\n[image: logo]\n\nOn Tue, Mar 3, 2026 Ann wrote:\n" + m,
		"ready\n\n________________________________\nVan: Ann <a@b.org>\nVerzonden: dinsdag 3 maart 2026 14:20\nAan: B\nOnderwerp: x\n\n" + q,
		"ready\n\n________________________________\nFrá: Ann <a@b.org>\nSent: þriðjudagur, 3. mars 2026 14:20\nTil: B\nEfni: x\n\n" + q,
		"ready\n\nOd: Ann <a@b.org>\nOdoslané: utorok 3. marca 2026 14:20\nKomu: B\nPredmet: x\n\n" + q,
		"ready\n\nOd: Ann <a@b.org>\nPoslano: utorak, 3. ožujka 2026. 14:20\nPrima: B\nPredmet: x\n\n" + q,
		"ready\n\nSaatja: Ann <a@b.org>\nSaadetud: teisipäev, 3. märts 2026 14:20\nAdressaat: B\nTeema: x\n\n" + q,
		"ready\n\nNo: Ann <a@b.org>\nNosūtīts: otrdiena, 2026. gada 3. marts 14:20\nKam: B\nTēma: x\n\n" + q,
		"ready\n\nNuo: Ann <a@b.org>\nIšsiųsta: antradienis, 2026 m. kovo 3 d. 14:20\nKam: B\nTema: x\n\n" + q,
		"ready\n\nОт: Ann <a@b.org>\nИзпратено: вторник, 3 март 2026 г. 14:20\nДо: B\nОтносно: x\n\n" + q,
		"ready\n\nOd: Ann <a@b.org>\nPoslano: torek, 3. marec 2026 14:20\nZa: B\nZadeva: x\n\n" + q,
		"ready\n\nDari: Ann <a@b.org>\nDikirim: Selasa, 03 Maret 2026 14.20\nKe: B\nSubjek: x\n\n" + q,
		"ready\n\nจาก: Ann <a@b.org>\nส่ง: 3 มีนาคม 2569 14:20\nถึง: B\nเรื่อง: x\n\n" + q,
		"ready\n\nמאת: Ann <a@b.org>\nתאריך: 3 במרץ 2026\nאל: B\nנושא: x\n\n" + q,
		"ready\n\nفرستنده: Ann <a@b.org>\nتاریخ: ۳ مارس\nگیرنده: B\nموضوع: x\n\n" + q,
		// devices
		"ready\n\nGesendet von Outlook für iOS<https://aka.ms/o0ukef>\n________________________________\nVon: Ann <a@b.org>\nGesendet: Dienstag, März 3, 2026 2:20 PM\nAn: B\nBetreff: x\n\n" + q,
		"ready\n\nObtenir Outlook pour iOS<https://aka.ms/o0ukef>",
		"ready\n\nTéléchargez Outlook pour Android",
		"ready\n\nGet BlueMail for Android",
		"ready\n\nSent from Mail for Windows",
		"ready\n\nSent from Mail for Windows 10",
		"ready\n\nVon Mail für Windows gesendet",
		"ready\n\nGesendet mit der GMX Mail App",
		"ready\n\nGesendet mit der mobilen Mail App",
		"ready\n\nDiese Nachricht wurde von meinem Mobiltelefon gesendet.",
		"ready\n\nVon meinem/meiner Galaxy gesendet",
		"ready\n\nVon meinem Samsung Galaxy Smartphone gesendet.",
		"ready\n\nGesendet von Yahoo Mail auf Android",
		"ready\n\nSent from Yahoo Mail on Android",
		"ready\n\nSent from Yahoo Mail for iPhone",
		"ready\n\nYahoo Mail: Search, Organize, Conquer",
		"ready\n\nSent from Proton Mail for iOS",
		"ready\n\nSent with Proton Mail secure email.",
		"ready\n\nEnvoyé à partir de Outlook pour iOS",
		"ready\n\nEnvoyé depuis mon mobile Orange",
		"ready\n\nEnvoyé de mon Galaxy",
		"ready\n\nTélécharger Outlook pour Android",
		"ready\n\nEnviado desde mi Samsung Mobile de Telcel",
		"ready\n\nEnviado desde Yahoo Mail para iPhone",
		"ready\n\nEnviado desde Correo para Windows",
		"ready\n\nEnviado do Outlook para iOS",
		"ready\n\nEnviado do Yahoo Mail no Android",
		"ready\n\nObter o Outlook para Android",
		"ready\n\nInviato da Outlook per Android",
		"ready\n\nInviato dal mio dispositivo Samsung",
		"ready\n\nInviato da Libero Mail per Android",
		"ready\n\nScarica Outlook per Android",
		"ready\n\nVerzonden vanuit Outlook voor Android",
		"ready\n\nVerzonden met de nieuwe Mail-app",
		"ready\n\nOutlook voor Android downloaden",
		"ready\n\nSendt fra min iPhone",
		"ready\n\nSendt fra Outlook til iOS",
		"ready\n\nSkickat från min iPhone",
		"ready\n\nSkickat från Outlook för Android",
		"ready\n\nLähetetty iPhonesta",
		"ready\n\nLähetetty Samsung-puhelimesta",
		"ready\n\nWysłano z telefonu Samsung",
		"ready\n\nWysłane z mojego iPhone'a",
		"ready\n\nPobierz program Outlook dla systemu iOS",
		"ready\n\nOdesláno z iPhonu",
		"ready\n\nOdesláno z mobilu",
		"ready\n\nOdoslané z iPhonu",
		"ready\n\nTrimis de pe iPhone-ul meu",
		"ready\n\nElküldve az iPhone-omról",
		"ready\n\nSamsung Mobile. tarafından gönderildi",
		"ready\n\niPhone’umdan gönderildi",
		"ready\n\nΕστάλη από το iPhone μου",
		"ready\n\nОтправлено из мобильной Почты Mail.ru",
		"ready\n\nОтправлено из Яндекс.Почты для мобильных",
		"ready\n\nНадіслано з iPhone",
		"ready\n\nDikirim dari iPhone saya",
		"ready\n\nĐã gửi từ iPhone của tôi",
		"ready\n\nส่งจาก iPhone ของฉัน",
		"ready\n\nأُرسلت من الـ iPhone",
		"ready\n\niPhoneから送信",
		"ready\n\nAndroid 版 Outlook を入手",
		"ready\n\nAndroidからの送信",
		"ready\n\n发自我的华为手机",
		"ready\n\n發自我的 iPhone",
		"ready\n\n從我的iPhone傳送",
		"ready\n\n获取 Outlook for iOS",
		"ready\n\n발신: iPhone",
		"ready\n\nAndroid용 Outlook 다운로드",
		"ready\n\n내 iPhone에서 보냄",
		"ready\n\nEnviat des del meu iPhone",
		"ready\n\nSent from my BlackBerry® wireless device",
		"ready\n\nSent from Gmail Mobile",
		"ready\n\nsent from mobile, please excuse typos",
		"ready\n\nSent on the new Sprint Network from my Samsung Galaxy S®4.",
		"ready\n\nSent via the Samsung Galaxy S24, an AT&T 5G smartphone",
		"ready\n\nPlease excuse brevity and typos - sent from my phone",
		"ready\n\nTyped with thumbs on my iPhone",
		"ready\n\nDiese Nachricht wurde mit meinem Handy geschrieben",
		"ready\n\nUnterwegs vom Handy gesendet",
		"ready\n\nVia mobiel verzonden",
	} {
		if got := Reply(mail); got != "ready" {
			t.Errorf("%.110q\n got %q", mail, got)
		}
	}
}

// TestOwnLine has the reply on the line of a header that names its sender
// first.
func TestOwnLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ mail, want string }{
		{"not yet Longroad <letters@example.org> schrieb am Di., 3. März 2026, 14:20:\n\n> stop", "not yet"},
		{"Not yet, sorry. Ann van der Lee <a@example.org> wrote:\n> stop", "Not yet, sorry."},
		{"准备好了 Longroad <letters@example.org> 于2026年3月3日周二 14:20写道：\n> stop", "准备好了"},
		{"I talked to her.\nOK. Ann Lee <a@example.org> wrote:\n> stop", "I talked to her.\nOK."},
		{"ready\n\nann lee <a@example.org> wrote:\n> stop", "ready"},
		{"ready\n\nDr. Ann Lee <a@example.org> wrote:\n> stop", "ready"},
		{"ready\n\nthe office of Ann Lee <a@example.org> wrote:\n> stop", "ready"},
		{"Wiadomość napisana przez Ann <a@example.org> w dniu 3 mar 2026, o godz. 14:20:\n> stop", ""},
		{"Ann Lee <a@example.org> wrote:\n> stop", ""},
	} {
		if got := Reply(c.mail); got != c.want {
			t.Errorf("%q: got %q, want %q", c.mail, got, c.want)
		}
	}
}

// TestIndented has all of a mail in a blockquote, which may be no quote.
func TestIndented(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ html, want string }{
		{"<blockquote><p>not yet</p></blockquote>", "not yet"},
		{"<body><blockquote style='margin:0'>not yet<blockquote type=cite>stop</blockquote></blockquote>", "not yet"},
		{"<blockquote type=cite>stop</blockquote>", ""},
		{"<div class=gmail_quote><blockquote class=gmail_quote>stop</blockquote></div>", ""},
		{"On 3/3/26 14:20, Ann wrote:<blockquote>stop</blockquote>", ""},
		{"ready<blockquote>stop</blockquote>", "ready"},
	} {
		if got := FromHTML(c.html); got != c.want {
			t.Errorf("%q: got %q, want %q", c.html, got, c.want)
		}
	}
}

func TestQuoted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ mail, want string }{
		{"On 3 Mar 2026, at 14:20, Ann Lee <ann@example.org> wrote:\n\n> are you\n> ready?\n", "are you\nready?"},
		{"From: Ann Lee <ann@example.org>\nSent: Monday, March 2, 2026 9:00 AM\nTo: Bert\nSubject: Letter 3\n\nAre you ready?\n\nYes, I am.", "Are you ready?\n\nYes, I am."},
		{"---------- Forwarded message ---------\nFrom: Ann <ann@example.org>\nDate: Tue, Mar 3, 2026 at 2:20 PM\nSubject: x\nTo: Bert\n\nHello", "Hello"},
		{"", ""},
	} {
		if got := Quoted(c.mail); got != c.want {
			t.Errorf("%q: got %q, want %q", c.mail, got, c.want)
		}
	}
	if got := QuotedHTML("<blockquote type=cite>stop</blockquote>"); got != "stop" {
		t.Errorf("HTML: got %q", got)
	}
}
