package said

import (
	"strings"
	"testing"
)

// contrary is what a tail quotes: words that would ask for something else.
var contrary = []string{"Hello Ann,", "", "stop, ready, not yet: answer with one word.", "noch nicht, pas encore, basta, parar, klaar?", "", "Longroad, letter 7"}

// sentences are the headers of marked and unmarked quotes.
var sentences = map[string]string{
	"en Gmail":           "On Tue, Mar 3, 2026 at 2:20 PM Longroad <letters@example.org> wrote:",
	"en Gmail wrapped":   "On Tue, Mar 3, 2026 at 2:20 PM Longroad, the course for two <\nletters@example.org> wrote:",
	"en Gmail in three":  "On Tue, Mar 3, 2026 at 2:20 PM Longroad\nthe course for two <letters-7f3a9b22c1@mail.example.org>\nwrote:",
	"en Apple":           "> On 3 Mar 2026, at 14:20, Longroad <letters@example.org> wrote:\n>",
	"en Apple bare":      "On Mar 3, 2026, at 2:20 PM, Longroad <letters@example.org> wrote:",
	"en Thunderbird":     "On 3/3/26 14:20, Longroad wrote:",
	"en Thunderbird iso": "On 2026-03-03 14:20, Longroad wrote:",
	"en no date":         "Longroad <letters@example.org> writes:",
	"en Notes":           "Longroad wrote on 03/03/2026 14:20:",
	"en Yahoo":           "    On Tuesday, March 3, 2026 at 02:20:11 PM GMT+1, Longroad <letters@example.org> wrote:",
	"en news":            "In article <abc.7@example.org>, Longroad <letters@example.org> wrote:",
	"en at":              "At 14:20 03/03/2026, Longroad <letters@example.org> wrote:",
	"en dashes":          "---- On Tue, 03 Mar 2026 14:20:00 +0100 Longroad <letters@example.org> wrote ----",
	"en android":         "---- Longroad wrote ----",
	"de Gmail":           "Am Di., 3. März 2026 um 14:20 Uhr schrieb Longroad <letters@example.org>:",
	"de Gmail wrapped":   "Am Di., 3. März 2026 um 14:20 Uhr schrieb Longroad <\nletters@example.org>:",
	"de Apple":           "Am 03.03.2026 um 14:20 schrieb Longroad <letters@example.org>:",
	"de Thunderbird":     "Am 03.03.26 um 14:20 schrieb Longroad:",
	"de name first":      "Longroad <letters@example.org> schrieb am Di., 3. März 2026, 14:20:",
	"de horde":           "Zitat von Longroad <letters@example.org>:",
	"de webmail":         "letters@example.org hat am 03.03.2026 14:20 CET geschrieben:",
	"fr Gmail":           "Le mar. 3 mars 2026 à 14:20, Longroad <letters@example.org> a écrit :",
	"fr Gmail wrapped":   "Le mar. 3 mars 2026 à 14:20, Longroad <letters@example.org> a\nécrit :",
	"fr Apple":           "Le 3 mars 2026 à 14:20, Longroad <letters@example.org> a écrit :",
	"fr Thunderbird":     "Le 03/03/2026 à 14:20, Longroad a écrit :",
	"es Gmail":           "El mar, 3 mar 2026 a las 14:20, Longroad (<letters@example.org>) escribió:",
	"es Thunderbird":     "El 3/3/26 a las 14:20, Longroad escribió:",
	"es Apple":           "El 3 mar 2026, a las 14:20, Longroad <letters@example.org> escribió:",
	"pt-BR Gmail":        "Em ter., 3 de mar. de 2026 às 14:20, Longroad <letters@example.org> escreveu:",
	"pt Gmail":           "Longroad <letters@example.org> escreveu (terça, 3/03/2026 à(s) 14:20):",
	"pt Thunderbird":     "Em 03/03/2026 14:20, Longroad escreveu:",
	"it Gmail":           "Il giorno mar 3 mar 2026 alle ore 14:20 Longroad <letters@example.org> ha scritto:",
	"it Apple":           "Il giorno 3 mar 2026, alle ore 14:20, Longroad <letters@example.org> ha scritto:",
	"it Thunderbird":     "Il 03/03/2026 14:20, Longroad ha scritto:",
	"nl Gmail":           "Op di 3 mrt 2026 om 14:20 schreef Longroad <letters@example.org>:",
	"nl Apple":           "Op 3 mrt 2026, om 14:20 heeft Longroad <letters@example.org> het volgende geschreven:",
	"nl Thunderbird":     "Op 03-03-2026 om 14:20 schreef Longroad:",
	"da Gmail":           "Den tirs. 3. mar. 2026 kl. 14.20 skrev Longroad <letters@example.org>:",
	"da Apple":           "Den 3. mar. 2026 kl. 14.20 skrev Longroad <letters@example.org>:",
	"no Gmail":           "tir. 3. mar. 2026 kl. 14:20 skrev Longroad <letters@example.org>:",
	"no Apple":           "3. mar. 2026 kl. 14:20 skrev Longroad <letters@example.org>:",
	"sv Gmail":           "Den tis 3 mars 2026 kl 14:20 skrev Longroad <letters@example.org>:",
	"sv Apple":           "3 mars 2026 kl. 14:20 skrev Longroad <letters@example.org>:",
	"fi Gmail":           "ti 3. maalisk. 2026 klo 14.20 Longroad (letters@example.org) kirjoitti:",
	"fi Apple":           "Longroad <letters@example.org> kirjoitti 3.3.2026 kello 14.20:",
	"et Gmail":           "Kuupäev T, 3. märts 2026 kell 14:20 kirjutas Longroad (<letters@example.org>):",
	"lv Gmail":           "otrd., 2026. g. 3. marts, plkst. 14:20 — lietotājs Longroad (<letters@example.org>) rakstīja:",
	"lt Gmail":           "2026-03-03, an, 14:20 Longroad <letters@example.org> rašė:",
	"pl Gmail":           "wt., 3 mar 2026 o 14:20 Longroad <letters@example.org> napisał(a):",
	"pl Thunderbird":     "W dniu 3.03.2026 o 14:20, Longroad pisze:",
	"pl Apple":           "Wiadomość napisana przez Longroad <letters@example.org> w dniu 3 mar 2026, o godz. 14:20:",
	"cs Gmail":           "út 3. 3. 2026 v 14:20 odesílatel Longroad <letters@example.org> napsal:",
	"cs Apple":           "3. 3. 2026 v 14:20, Longroad <letters@example.org>:",
	"cs Thunderbird":     "Dne 03. 03. 26 v 14:20 Longroad napsal(a):",
	"sk Gmail":           "ut 3. 3. 2026 o 14:20 Longroad <letters@example.org> napísal(a):",
	"hu Gmail":           "Longroad <letters@example.org> ezt írta (időpont: 2026. márc. 3., K, 14:20):",
	"ro Gmail":           "În mar., 3 mar. 2026 la 14:20, Longroad <letters@example.org> a scris:",
	"hr Gmail":           "uto, 3. ožu 2026. u 14:20 Longroad <letters@example.org> napisao je:",
	"sl Gmail":           "V tor., 3. mar. 2026 ob 14:20 je oseba Longroad <letters@example.org> napisala:",
	"ru Gmail":           "вт, 3 мар. 2026 г. в 14:20, Longroad <letters@example.org>:",
	"ru Apple":           "3 марта 2026 г., в 14:20, Longroad <letters@example.org> написал(а):",
	"ru mail.ru":         "Вторник, 3 марта 2026, 14:20 +03:00 от Longroad <letters@example.org>:",
	"ru Yandex":          "03.03.2026, 14:20, \"Longroad\" <letters@example.org>:",
	"uk Gmail":           "вт, 3 бер. 2026 р. о 14:20 Longroad <letters@example.org> пише:",
	"bg Gmail":           "На вт, 3.03.2026 г. в 14:20 Longroad <letters@example.org> написа:",
	"sr Gmail":           "уто, 3. мар 2026. у 14:20 Longroad <letters@example.org> је написао/ла:",
	"el Gmail":           "Στις Τρί 3 Μαρ 2026 στις 2:20 μ.μ., ο χρήστης Longroad <letters@example.org> έγραψε:",
	"tr Gmail":           "Longroad <letters@example.org>, 3 Mar 2026 Sal, 14:20 tarihinde şunu yazdı:",
	"tr Gmail wrapped":   "Longroad <letters@example.org>, 3 Mar 2026 Sal, 14:20 tarihinde\nşunu yazdı:",
	"vi Gmail":           "Vào Th 3, 3 thg 3, 2026 vào lúc 14:20 Longroad <letters@example.org> đã viết:",
	"id Gmail":           "Pada tanggal Sel, 3 Mar 2026 pukul 14.20 Longroad <letters@example.org> menulis:",
	"ca Gmail":           "Missatge de Longroad <letters@example.org> del dia dt., 3 de març 2026 a les 14:20:",
	"he Gmail":           "\u202bבתאריך יום ג׳, 3 במרץ 2026 ב-14:20 מאת \u202aLongroad\u202c\u200f <\u202aletters@example.org\u202c\u200f>:\u202c",
	"ar Gmail":           "في الثلاثاء، 3 مارس 2026 في 2:20 م تمت كتابة ما يلي بواسطة Longroad <letters@example.org>:",
	"fa Gmail":           "در تاریخ سه‌شنبه ۳ مارس ۲۰۲۶ ساعت ۱۴:۲۰ Longroad <letters@example.org> نوشت:",
	"zh-CN Gmail":        "Longroad <letters@example.org> 于2026年3月3日周二 14:20写道：",
	"zh-TW Gmail":        "Longroad <letters@example.org> 於 2026年3月3日 週二 下午2:20寫道：",
	"zh Apple":           "在 2026年3月3日，14:20，Longroad <letters@example.org> 写道：",
	"zh 163":             "在 2026-03-03 14:20:11，\"Longroad\" <letters@example.org> 写道：",
	"ja Gmail":           "2026年3月3日(火) 14:20 Longroad <letters@example.org>:",
	"ja Apple":           "2026/03/03 14:20、Longroad <letters@example.org>のメール:",
	"ko Gmail":           "2026년 3월 3일 (화) 오후 2:20, Longroad <letters@example.org>님이 작성:",
	"ko Apple":           "2026. 3. 3. 오후 2:20, Longroad <letters@example.org> 작성:",
	"th Gmail":           "ในวันที่ อ. 3 มี.ค. 2026 เวลา 14:20 Longroad <letters@example.org> เขียนว่า:",
	"unknown language":   "Zu 3. 3. 2026 14:20 Longroad <letters@example.org> xyzzy:",
}

// blocks are headers above unmarked quotes.
var blocks = map[string]string{
	"en Outlook":         "From: Longroad <letters@example.org>\nSent: Tuesday, March 3, 2026 2:20 PM\nTo: Ann Lee <ann@example.com>\nSubject: Letter 7",
	"en Outlook ruled":   "________________________________\nFrom: Longroad <letters@example.org>\nSent: Tuesday, March 3, 2026 2:20 PM\nTo: Ann Lee <ann@example.com>\nSubject: Letter 7",
	"en Outlook bold":    "*From:* Longroad <letters@example.org>\n*Sent:* Tuesday, March 3, 2026 2:20 PM\n*To:* Ann Lee\n*Subject:* Letter 7",
	"en Outlook spaced":  "From: Longroad <letters@example.org>\n\nSent: Tuesday, March 3, 2026 2:20 PM\n\nTo: Ann Lee <ann@example.com>\n\nSubject: Letter 7",
	"en Outlook wrapped": "From: Longroad\n<letters@example.org>\nSent: Tuesday, March 3, 2026 2:20 PM\nTo: Ann Lee <ann@example.com>; Bert Lee <bert@example.com>;\n\tCarl Lee <carl@example.com>\nSubject: Letter 7 of a course\n that has a long name",
	"en no addresses":    "From: Longroad\nSent: Tuesday, March 3, 2026 2:20 PM\nTo: Ann Lee\nSubject: Letter 7",
	"en one line":        "From: Longroad <letters@example.org> Sent: Tuesday, March 3, 2026 2:20 PM To: Ann Lee Subject: Letter 7",
	"en hotmail":         "Date: Tue, 3 Mar 2026 14:20:00 +0100\nFrom: letters@example.org\nTo: ann@example.com\nSubject: Letter 7",
	"en original":        "-----Original Message-----",
	"en original full":   "-----Original Message-----\nFrom: Longroad <letters@example.org>\nSent: Tuesday, March 3, 2026 2:20 PM\nTo: Ann Lee\nSubject: Letter 7",
	"en Samsung":         "-------- Original message --------\nFrom: Longroad <letters@example.org>\nDate: 3/3/26 14:20 (GMT+01:00)\nTo: ann@example.com\nSubject: Letter 7",
	"en forward":         "---------- Forwarded message ---------\nFrom: Longroad <letters@example.org>\nDate: Tue, Mar 3, 2026 at 2:20 PM\nSubject: Letter 7\nTo: Ann Lee <ann@example.com>",
	"en Apple forward":   "Begin forwarded message:\n\nFrom: Longroad <letters@example.org>\nSubject: Letter 7\nDate: 3 March 2026 at 14:20:11 CET\nTo: Ann Lee <ann@example.com>",
	"en helpdesk":        "##- Please type your reply above this line -##",
	"de Outlook":         "Von: Longroad <letters@example.org>\nGesendet: Dienstag, 3. März 2026 14:20\nAn: Ann Lee\nBetreff: Brief 7",
	"de original":        "-----Ursprüngliche Nachricht-----\nVon: Longroad",
	"de GMX":             "Gesendet: Dienstag, 03. März 2026 um 14:20 Uhr\nVon: \"Longroad\" <letters@example.org>\nAn: ann@example.com\nBetreff: Brief 7",
	"fr Outlook":         "De : Longroad <letters@example.org>\nEnvoyé : mardi 3 mars 2026 14:20\nÀ : Ann Lee\nObjet : Lettre 7",
	"fr original":        "-----Message d'origine-----\nDe : Longroad",
	"fr Orange":          "========================================\n\nMessage du : 03/03/2026 14:20\nDe : \"Longroad\" <letters@example.org>\nA : ann@example.com\nCopie à :\nSujet : Lettre 7",
	"es Outlook":         "De: Longroad <letters@example.org>\nEnviado: martes, 3 de marzo de 2026 14:20\nPara: Ann Lee\nAsunto: Carta 7",
	"es original":        "-----Mensaje original-----\nDe: Longroad",
	"pt Outlook":         "De: Longroad <letters@example.org>\nEnviada em: terça-feira, 3 de março de 2026 14:20\nPara: Ann Lee\nAssunto: Carta 7",
	"it Outlook":         "Da: Longroad <letters@example.org>\nInviato: martedì 3 marzo 2026 14:20\nA: Ann Lee\nOggetto: Lettera 7",
	"it original":        "-----Messaggio originale-----\nDa: Longroad",
	"nl Outlook":         "Van: Longroad <letters@example.org>\nVerzonden: dinsdag 3 maart 2026 14:20\nAan: Ann Lee\nOnderwerp: Brief 7",
	"nl original":        "-----Oorspronkelijk bericht-----\nVan: Longroad",
	"da Outlook":         "Fra: Longroad <letters@example.org>\nSendt: 3. marts 2026 14:20\nTil: Ann Lee\nEmne: Brev 7",
	"sv Outlook":         "Från: Longroad <letters@example.org>\nSkickat: den 3 mars 2026 14:20\nTill: Ann Lee\nÄmne: Brev 7",
	"fi Outlook":         "Lähettäjä: Longroad <letters@example.org>\nLähetetty: tiistai 3. maaliskuuta 2026 14.20\nVastaanottaja: Ann Lee\nAihe: Kirje 7",
	"pl Outlook":         "Od: Longroad <letters@example.org>\nWysłano: wtorek, 3 marca 2026 14:20\nDo: Ann Lee\nTemat: List 7",
	"cs Outlook":         "Od: Longroad <letters@example.org>\nOdesláno: úterý 3. března 2026 14:20\nKomu: Ann Lee\nPředmět: Dopis 7",
	"cs Seznam":          "---------- Původní e-mail ----------\nOd: Longroad <letters@example.org>\nKomu: ann@example.com\nDatum: 3. 3. 2026 14:20:11\nPředmět: Dopis 7",
	"hu Outlook":         "Feladó: Longroad <letters@example.org>\nElküldve: 2026. március 3., kedd 14:20\nCímzett: Ann Lee\nTárgy: 7. levél",
	"ro Outlook":         "De la: Longroad <letters@example.org>\nTrimis: marți, 3 martie 2026 14:20\nCătre: Ann Lee\nSubiect: Scrisoarea 7",
	"ru Outlook":         "От: Longroad <letters@example.org>\nОтправлено: 3 марта 2026 г. 14:20\nКому: Ann Lee\nТема: Письмо 7",
	"ru forward":         "-------- Пересылаемое сообщение --------\n03.03.2026, 14:20, \"Longroad\" <letters@example.org>:",
	"uk Outlook":         "Від: Longroad <letters@example.org>\nНадіслано: 3 березня 2026 р. 14:20\nКому: Ann Lee\nТема: Лист 7",
	"el Outlook":         "Από: Longroad <letters@example.org>\nΣτάλθηκε: Τρίτη, 3 Μαρτίου 2026 2:20 μμ\nΠρος: Ann Lee\nΘέμα: Γράμμα 7",
	"tr Outlook":         "Kimden: Longroad <letters@example.org>\nGönderildi: 3 Mart 2026 Salı 14:20\nKime: Ann Lee\nKonu: Mektup 7",
	"zh-CN Outlook":      "发件人: Longroad <letters@example.org>\n发送时间: 2026年3月3日 14:20\n收件人: Ann Lee\n主题: 第七封信",
	"zh-TW Outlook":      "寄件者: Longroad <letters@example.org>\n寄件日期: 2026年3月3日 下午 02:20\n收件者: Ann Lee\n主旨: 第七封信",
	"zh QQ":              "------------------ 原始邮件 ------------------\n发件人: \"Longroad\" <letters@example.org>;\n发送时间: 2026年3月3日(星期二) 下午2:20",
	"ja Outlook":         "差出人: Longroad <letters@example.org>\n送信日時: 2026年3月3日 14:20\n宛先: Ann Lee\n件名: 手紙 7",
	"ko Outlook":         "보낸 사람: Longroad <letters@example.org>\n보낸 날짜: 2026년 3월 3일 화요일 오후 2:20\n받는 사람: Ann Lee\n제목: 편지 7",
	"vi Outlook":         "Từ: Longroad <letters@example.org>\nĐã gửi: Thứ Ba, 3 tháng 3, 2026 14:20\nĐến: Ann Lee\nChủ đề: Thư 7",
	"he Outlook":         "מאת: Longroad <letters@example.org>\nנשלח: יום שלישי 3 מרץ 2026 14:20\nאל: Ann Lee\nנושא: מכתב 7",
	"ar Outlook":         "من: Longroad <letters@example.org>\nتم الإرسال: الثلاثاء، 3 مارس 2026 14:20\nإلى: Ann Lee\nالموضوع: رسالة 7",
}

var commands = []string{"ready", "noch nicht", "pas encore, désolée", "stop", "todavía no", "准备好了", "not yet.\n\nIt was a hard week: two funerals.\nAnn"}

// TestGrafts puts short commands above long quotes that say the contrary.
func TestGrafts(t *testing.T) {
	t.Parallel()
	bare := strings.Join(contrary, "\n")
	marked := "> " + strings.Join(contrary, "\n> ")
	check := func(name, tail string) {
		t.Helper()
		for _, command := range commands {
			for between, mail := range map[string]string{
				"blank line": command + "\n\n" + tail,
				"no blank":   command + "\n" + tail,
				"device":     command + "\n\nSent from my iPhone\n\n" + tail,
				"crlf":       strings.ReplaceAll(command+"\n\n\n"+tail, "\n", "\r\n"),
				"same line":  command + " " + strings.TrimLeft(tail, " "),
			} {
				if between == "same line" && (tail[0] == '>' || strings.HasPrefix(name, "hu") || nameFirst(tail)) {
					continue // the name could be the reply's own words
				}
				if between == "no blank" && name[:4] == "unkn" {
					continue // the header's first word, too
				}
				if got := Reply(mail); got != command {
					t.Errorf("%s, %s: got %q, want %q", name, between, got, command)
					break
				}
			}
		}
	}
	for name, sentence := range sentences {
		check(name+", marked", sentence+"\n"+marked)
		check(name+", marked below a blank", sentence+"\n\n"+marked+"\n")
		if sentence[0] != '>' && name != "unknown language" {
			check(name+", bare", sentence+"\n\n"+bare)
		}
	}
	for name, block := range blocks {
		check(name+", bare", block+"\n\n"+bare)
		if strings.Count(block, "\n") > 1 && block[0] != '_' && block[0] != '=' {
			check(name+", all marked", "> "+strings.ReplaceAll(block, "\n", "\n> ")+"\n>\n"+marked)
		}
	}
}

// nameFirst tells headers that begin with the sender and not with a date.
func nameFirst(tail string) bool {
	for _, start := range []string{"Longroad", "letters@", "Zitat", "Wiadomość", "_", "=", "#", "*", "Zu ", "Begin", "Date:", "Gesendet:", "Missatge"} {
		if strings.HasPrefix(tail, start) {
			return true
		}
	}
	return strings.Contains(tail, "\n\nFrom") || strings.Contains(tail, "\n\nSent")
}

// TestWrappedGrafts wraps the headers as programs do at different widths.
func TestWrappedGrafts(t *testing.T) {
	t.Parallel()
	below := map[string]string{"marked": "\n> " + strings.Join(contrary, "\n> "), "bare": "\n\n" + strings.Join(contrary, "\n")}
	for name, sentence := range sentences {
		if strings.Contains(sentence, "\n") || sentence[0] == '>' || strings.HasPrefix(name, "unknown") {
			continue
		}
		for _, width := range []int{78, 70, 64, 56, 48, 40, 34} {
			for kind, tail := range below {
				for _, gap := range []string{"\n\n", "\n"} {
					if got := Reply("not yet" + gap + wrap(sentence, width) + tail); got != "not yet" {
						t.Errorf("%s, %d columns, %s, %q: got %q", name, width, kind, gap, got)
					}
				}
			}
		}
	}
}

// wrap breaks a line at spaces; what is longer than the width stays whole.
func wrap(text string, width int) string {
	var out strings.Builder
	column := 0
	for i, word := range strings.Fields(text) {
		size := len([]rune(word))
		switch {
		case i == 0:
		case column+1+size > width:
			out.WriteByte('\n')
			column = 0
		default:
			out.WriteByte(' ')
			column++
		}
		out.WriteString(word)
		column += size
	}
	return out.String()
}
