"""Every kind of question: what it takes, what it keeps, and what it says, in three languages, when it cannot."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram import channel as telegram
from bot.settings import HOME
from handlers.applications import form
from handlers.applications.words import shown
from handlers.eligibility.questions import check_question
from handlers.programme.load import load
from handlers.programme.texts import BUTTON, OPTION
from handlers.talk import question as kit
from handlers.talk import understand
from handlers.talk.kinds import choices, contacts, dates, files, numbers
from handlers.talk.kinds import text as kinds_text
from handlers.talk.message import File, Json, Outgoing, Person
from handlers.talk.press import KEEP, SKIP, uncarried
from handlers.talk.question import Misread, Option, Question, Reply, Stale
from handlers.talk.state import State
from handlers.talk.talk import Asked, Run, Talk
from handlers.talk.words import LANGUAGES, Sentence, StaffText, Text, _, read_languages

TONGUES = read_languages(HOME / "locales")
PROGRAMME = load(HOME / "programmes" / "technopark-oujda.yaml")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Africa/Casablanca"))  # a Monday
PROMPT = StaffText({"fr": "Dites-nous.", "ar": "أخبرونا.", "en": "Tell us."})
PDF = File("k3y", "cv.pdf", "application/pdf", 1000)


def heard(
    text: str = "",
    *,
    value: str = "",
    file: File | None = None,
    trouble: str = "",
    contact: bool = False,
    picked: list[Json] | None = None,
) -> Reply:
    return Reply(text, value, file, trouble, contact, NOW, picked or [], TONGUES)


def plain(text: Text | str, language: str) -> str:
    return re.sub("[\u2066-\u2069]", "", TONGUES[language].say(text)).replace("\u00a0", " ")


def label(fr: str, ar: str, en: str) -> StaffText:
    return StaffText({"fr": fr, "ar": ar, "en": en})


COLOURS = [
    Option("green", label("Vert", "الأخضر", "Green"), ("nature",)),
    Option("blue", label("Bleu ciel", "الأزرق السماوي", "Sky blue")),
    Option("red", label("Rouge vif", "الأحمر القاني", "Bright red")),
    Option("years", label("1 à 3 ans", "من سنة إلى 3 سنوات", "1 to 3 years")),
    Option("more", label("3 à 5 ans", "من 3 إلى 5 سنوات", "3 to 5 years")),
]

QUESTIONS: dict[str, Question[Any]] = {
    "text": kinds_text.text(PROMPT, shortest=5, longest=30),
    "choice": choices.choice(PROMPT, COLOURS),
    "several": choices.several(PROMPT, COLOURS),
    "yes_no": choices.yes_no(PROMPT),
    "consent": choices.yes_no(PROMPT, explicit=True, yes=_("I agree"), no=_("I do not agree")),
    "number": numbers.number(PROMPT, least=1, most=200),
    "amount": numbers.amount(PROMPT, most=50_000_000),
    "day": dates.day(PROMPT),
    "past day": dates.day(PROMPT, past=True),
    "phone": contacts.phone(PROMPT),
    "email": contacts.email(PROMPT),
    "link": contacts.link(PROMPT),
    "files": files.files(PROMPT, most=2, largest=10),
    **{name: form.field_question(PROGRAMME, name, "required") for name in ("full_name", "ice", "rc", "school")},
}

KEPT: dict[str, dict[str, Json]] = {
    "text": {
        "Bonjour à tous": "Bonjour à tous",
        "  سلام عليكم  ": "سلام عليكم",
        "7 jours": "7 jours",
        "\u202eabcde": "abcde",
        "a\x00bcdef": "abcdef",
    },
    "choice": {
        "Vert": "green",
        "vert svp": "green",
        "الأخضر": "green",
        "اخضر": "green",
        "GREEN!": "green",
        "nature": "green",
        "bleu": "blue",
        "ciel": "blue",
        "blue": "blue",
        "sky bleu": "blue",
        "الأزرق": "blue",
        "rouge": "red",
        "rouje vif": "red",
        "brihgt red": "red",
        "1 à 3 ans": "years",
        "١ à ٣ ans": "years",
        "3 to 5 years": "more",
        "من 3 الى 5 سنوات": "more",
    },
    "several": {
        "vert": ["green"],
        "vert, bleu": ["green", "blue"],
        "vert et rouge": ["green", "red"],
        "blue & red": ["blue", "red"],
        "الأخضر والأحمر": ["green", "red"],
        "vert bleu rouge": ["green", "blue", "red"],
        "vert, vert": ["green"],
        "1 à 3 ans": ["years"],
    },
    "yes_no": {
        **dict.fromkeys(
            ("oui", "Oui, bien sûr", "yes!", "نعم", "واه", "wakha", "ok", "👍", "machi mochkil", "bsr", "c bon"), True
        ),
        **dict.fromkeys(("non", "No", "لا", "la", "lala", "machi", "👎", "pas du tout", "no thanks"), False),
    },
    "consent": {
        **dict.fromkeys(
            (
                "j'accepte",
                "J’accepte.",
                "oui, j'accepte",
                "I agree",
                "yes i agree",
                "أوافق",
                "موافق",
                "نعم، أوافق",
                "nwafe9",
            ),
            True,
        ),
        **dict.fromkeys(
            (
                "je refuse",
                "non",
                "لا",
                "لا أوافق",
                "j'accepte pas",
                "je n’accepte pas",
                "I do not agree",
                "i don't agree",
                "أرفض",
            ),
            False,
        ),
    },
    "number": {
        "4": 4,
        "٤": 4,
        "۴": 4,
        "rb3a": 4,
        "sb3a": 7,
        "khmsa": 5,
        "quatre": 4,
        "خمسة عشر": 15,
        "dix-sept": 17,
        "4 personnes": 4,
        "environ 40": 40,
        "nous sommes 4": 4,
        "12 أشخاص": 12,
        "2.0": 2,
        "200": 200,
        "واحد": 1,
        "ta9riban 30": 30,
    },
    "amount": {
        "150000": 150000,
        "150 000 dh": 150000,
        "150.000 DH": 150000,
        "1.500.000,00": 1500000,
        "١٥٠٠٠٠ درهم": 150000,
        "0": 0,
        "environ 150000 dhs": 150000,
        "حوالي 200000 درهم": 200000,
        "ta9riban 300000": 300000,
        "50 000 000": 50_000_000,
    },
    "day": {
        "15/03/2027": "2027-03-15",
        "demain": "2026-11-24",
        "غدا": "2026-11-24",
        "ghedda": "2026-11-24",
        "١٢ مارس ٢٠٢٧": "2027-03-12",
        "may 5": "2027-05-05",
    },
    "past day": {
        "15/03/2024": "2024-03-15",
        "hier": "2026-11-22",
        "12 mars": "2026-03-12",
        "25 نونبر 2020": "2020-11-25",
        "23/11/2026": "2026-11-23",
    },
    "phone": {
        **dict.fromkeys(
            (
                "0612345678",
                "06 12 34 56 78",
                "06.12.34.56.78",
                "06-12-34-56-78",
                "٠٦ ١٢ ٣٤ ٥٦ ٧٨",
                "+212 6 12 34 56 78",
            ),
            "+212612345678",
        ),
        **dict.fromkeys(
            (
                "00212612345678",
                "212612345678",
                "+212 (0) 612 345 678",
                "0612345678 svp",
                "C'est le 0612345678.",
                "رقمي هو 0612345678",
            ),
            "+212612345678",
        ),
        "\u200e+212612345678": "+212612345678",
        "0536 68 12 34": "+212536681234",
        "+33 6 12 34 56 78": "+33612345678",
        "0033612345678": "+33612345678",
    },
    "email": {
        "salma@exemple.ma": "salma@exemple.ma",
        "Salma.Benali@Gmail.com": "salma.benali@gmail.com",
        "SALMA@UMP.AC.MA svp": "salma@ump.ac.ma",
        "mon mail est salma@gmail.com": "salma@gmail.com",
        "salma @ gmail . com": "salma@gmail.com",
        "<salma@gmail.com>": "salma@gmail.com",
        "mailto:salma@gmail.com": "salma@gmail.com",
        "salma@gmail.com.": "salma@gmail.com",
    },
    "link": {
        "exemple.ma": "https://exemple.ma",
        "https://exemple.ma": "https://exemple.ma",
        "http://exemple.ma/a?b=c": "http://exemple.ma/a?b=c",
        "mon site : www.exemple.ma": "https://www.exemple.ma",
        "instagram.com/projet": "https://instagram.com/projet",
        "«https://exemple.ma»": "https://exemple.ma",
        "https://exemple.ma.": "https://exemple.ma",
        "موقع.المغرب": "https://موقع.المغرب",
    },
    "full_name": {
        "Salma Benali": "Salma Benali",
        " Salma   Benali ": "Salma Benali",
        "سلمى بنعلي": "سلمى بنعلي",
        "سَلْمَى بنت علي": "سَلْمَى بنت علي",
        "Jean-Pierre O’Neil": "Jean-Pierre O’Neil",
        "Éléonore D’Arc": "Éléonore D’Arc",
        "Abd El-Hamid Ben Saïd": "Abd El-Hamid Ben Saïd",
        "ⵙⴰⵍⵎⴰ ⴱⵏⵄⵍⵉ": "ⵙⴰⵍⵎⴰ ⴱⵏⵄⵍⵉ",
        "Salma B.": "Salma B.",
    },
    "ice": {
        **dict.fromkeys(
            ("000000000000097", "ICE: 000000000000097", "٠٠٠٠٠٠٠٠٠٠٠٠٠٩٧", "000 000 000 000 097", "000000000-0000-97"),
            "000000000000097",
        )
    },
    "rc": {
        **dict.fromkeys(
            ("12345 Nador", "RC 12345 Nador", "RC n° 12345, Nador", "12345/Nador", "rc12345 à Nador", "12345 - Nador"),
            "12345 Nador",
        ),
        "١٢٣٤٥ الناظور": "12345 الناظور",
        "12345 في الناظور": "12345 الناظور",
    },
    "school": {"fso": "fso", "Sciences": "fso", "كلية العلوم": "fso", "EHEI": "=EHEI", "مدرسة أخرى": "=مدرسة أخرى"},
}


@pytest.mark.parametrize(
    ("kind", "said", "kept"), [(kind, said, kept) for kind, rows in KEPT.items() for said, kept in rows.items()]
)
def test_a_good_answer_is_kept_as_one_value(kind: str, said: str, kept: Json) -> None:
    question = QUESTIONS[kind]
    value = question.read(heard(said))
    assert question.keep(value) == kept
    assert question.load(json.loads(json.dumps(kept))) == value


# what is said about an answer that does not fit, in three languages
SAID: dict[str, tuple[str, str, str]] = {
    "short": (
        "Merci d'en dire un peu plus (au moins 5 caractères).",
        "المرجو إعطاء تفاصيل أكثر (الحد الأدنى لعدد الأحرف: 5).",
        "Please tell us a little more (at least 5 characters).",
    ),
    "long": (
        "C'est un peu long : 30 caractères au maximum.",
        "النص طويل بعض الشيء (الحد الأقصى لعدد الأحرف: 30).",
        "That is a bit long: 30 characters at most.",
    ),
    "email": (
        "Cette adresse semble incomplète. Exemple : nom@exemple.ma",
        "يبدو أن العنوان غير مكتمل. مثال: nom@exemple.ma",
        "This address looks incomplete. Example: name@example.ma",
    ),
    "phone": (
        "Ce numéro ne semble pas valable. Exemple : 06 12 34 56 78 ou +33…",
        "يبدو أن الرقم غير صحيح. مثال: 0612345678 أو رقم دولي يبدأ بالعلامة +",
        "This number does not look right. Example: 06 12 34 56 78 or +44…",
    ),
    "ice": (
        "L'ICE compte 15 chiffres ; il figure sur vos factures.",
        "يتكون التعريف الموحد للمقاولة من 15 رقمًا، وتجدونه على فواتيركم.",
        "The ICE has 15 digits; you will find it on your invoices.",
    ),
    "ice twice": (
        "Ce numéro contient peut-être une erreur. Est-il bien exact ?",
        "ربما يتضمن هذا الرقم خطأً. هل هو صحيح فعلًا؟",
        "There may be a typo in this number. Is it correct?",
    ),
    "rc": (
        "Indiquez le numéro RC en chiffres, puis la ville du tribunal.",
        "المرجو إدخال رقم السجل التجاري ثم مدينة المحكمة.",
        "Give the RC number in digits, then the court's city.",
    ),
    "day": (
        "Je n'ai pas compris la date. Exemple : 15/03/2026",
        "لم أفهم التاريخ. مثال: 15/03/2026",
        "I did not understand the date. Example: 15/03/2026",
    ),
    "future": (
        "Cette date est dans le futur. Pouvez-vous vérifier ?",
        "هذا التاريخ في المستقبل. هل يمكنكم التحقق منه؟",
        "This date is in the future. Could you check it?",
    ),
    "link": (
        "Ce lien ne semble pas complet. Exemple : https://exemple.ma",
        "يبدو أن الرابط غير مكتمل. مثال: https://exemple.ma",
        "This link looks incomplete. Example: https://example.ma",
    ),
    "amount": (
        "Merci d'écrire le montant en chiffres, par exemple 150000.",
        "المرجو كتابة المبلغ بالأرقام، مثلًا 150000.",
        "Please write the amount in digits, for example 150000.",
    ),
    "type": (
        "Formats acceptés : PDF, JPG, PNG, DOCX, PPTX.",
        "الصيغ المقبولة: PDF وJPG وPNG وDOCX وPPTX.",
        "Accepted formats: PDF, JPG, PNG, DOCX, PPTX.",
    ),
    "size": (
        "Le fichier dépasse 10 Mo. Pouvez-vous l'alléger ?",
        "يتجاوز حجم الملف 10 ميغابايت. هل يمكنكم تصغيره؟",
        "The file is larger than 10 MB. Can you make it smaller?",
    ),
    "words": ("Merci de répondre par écrit.", "المرجو الجواب كتابةً.", "Please answer in words."),
    "choice": (
        "Merci de choisir l'une des réponses ci-dessous.",
        "المرجو اختيار أحد الأجوبة أدناه.",
        "Please choose one of the answers below.",
    ),
    "several": (
        "Merci de choisir une ou plusieurs des réponses ci-dessous, par exemple « 1, 3 ».",
        "المرجو اختيار جواب واحد أو أكثر مما يلي، مثلًا «1، 3».",
        "Please choose one or more of the answers below, for example “1, 3”.",
    ),
    "yes or no": ("Merci de répondre par oui ou par non.", "المرجو الجواب بنعم أو لا.", "Please answer yes or no."),
    "clear yes": (
        "Ici, il me faut un accord explicite : appuyez sur le bouton ou écrivez « j'accepte ».",
        "أحتاج هنا إلى موافقة صريحة: المرجو الضغط على الزر أو كتابة «أوافق».",
        "For this one I need a clear yes: please press the button, or write “I agree”.",
    ),
    "number": (
        "Merci d'écrire le nombre en chiffres, par exemple 4.",
        "المرجو كتابة العدد بالأرقام، مثلًا 4.",
        "Please write the number in digits, for example 4.",
    ),
    "from to": (
        "Merci de donner un nombre entre 1 et 200.",
        "المرجو إعطاء عدد بين 1 و200.",
        "Please give a number from 1 to 200.",
    ),
    "whole": (
        "Merci d'écrire un nombre entier, sans décimales.",
        "المرجو كتابة عدد صحيح دون فاصلة.",
        "Please write a whole number, without decimals.",
    ),
    "dirhams": (
        "Merci d'indiquer un montant entre 0 et 50 000 000 DH.",
        "المرجو إعطاء مبلغ بين 0 و50 000 000 درهم.",
        "Please give an amount from 0 to 50 000 000 DH.",
    ),
    "which amount": (
        "Pour être sûr : de quel montant s'agit-il ?",
        "للتأكد: ما المبلغ الذي تقصدونه؟",
        "Just to be sure: which amount do you mean?",
    ),
    "which day": ("De quel jour s'agit-il ?", "أي يوم تقصدون؟", "Which day do you mean?"),
    "before": (
        "Cette date est antérieure au dimanche 1er janvier 1950. Pouvez-vous vérifier ?",
        "هذا التاريخ قبل الأحد 1 يناير 1950. هل يمكنكم التحقق منه؟",
        "This date is before Sunday 1 January 1950. Could you check it?",
    ),
    "did you mean": (
        "Vouliez-vous écrire salma@gmail.com ?",
        "هل تقصدون salma@gmail.com؟",
        "Did you mean salma@gmail.com?",
    ),
    "name": (
        "Merci d'écrire votre prénom et votre nom, en lettres.",
        "المرجو كتابة اسمكم الشخصي والعائلي بالحروف.",
        "Please write your first and last name, in letters.",
    ),
    "file": (
        "Merci d'envoyer ici une photo ou un document (PDF, JPG, PNG, DOCX, PPTX).",
        "المرجو إرسال صورة أو وثيقة هنا (PDF أو JPG أو PNG أو DOCX أو PPTX).",
        "Please send a photo or a document here (PDF, JPG, PNG, DOCX, PPTX).",
    ),
}

REFUSED: dict[str, dict[str, str]] = {
    "text": {"": "words", "\u200f \u2068": "words", "abc": "short", "س" * 31: "long", "x" * 31: "long"},
    "choice": dict.fromkeys(
        ("", "jaune", "v", "le ciel est vert aujourd'hui", "ans", "2 à 3 ans", "1 à 5 ans"), "choice"
    ),
    "several": dict.fromkeys(("", "jaune", "vert, jaune", "1 vert"), "several"),
    "yes_no": dict.fromkeys(
        ("", "peut-être", "j'ai 20 ans", "نعم؟", "oui ?", "wah ?", "safi", "la formation", "maybe"), "yes or no"
    ),
    "consent": dict.fromkeys(
        (
            "oui",
            "ok",
            "نعم",
            "d'accord",
            "👍",
            "wakha",
            "accepte",
            "agree",
            "confirmer",
            "yes",
            "peut-être",
            "j'accepte ?",
            "",
        ),
        "clear yes",
    ),
    "number": {
        **dict.fromkeys(
            (
                "",
                "بزاف",
                "3 ou 4",
                "3-4",
                "une dizaine",
                "deux mille",
                "5k",
                "vingt-trois",
                "½",
                "4/5",
                "sb3in w khmsa",
                "n3am",
            ),
            "number",
        ),
        **dict.fromkeys(("0", "201", "-3", "1 000", "1.000"), "from to"),
        "1,5": "whole",
    },
    "amount": {
        **dict.fromkeys(("", "rien", "je ne sais pas", "entre 100000 et 200000", "deux cent mille"), "amount"),
        **dict.fromkeys(("-5", "50 000 001", "150000 euros", "150 000 €", "$ 2000", "٢٠٠٠ دولار"), "dirhams"),
    },
    "day": {
        **dict.fromkeys(("", "7", "31/02/2026", "oui", "mars", "la semaine prochaine", "vendredi ou samedi"), "day"),
        "1/1/1949": "before",
    },
    "past day": dict.fromkeys(("demain", "24/11/2026", "12/3/30", "غدا", "jeudi prochain", "12/2030"), "future"),
    "phone": dict.fromkeys(
        (
            "",
            "abc",
            "06 12 34 56",
            "06 12 34 56 78 99",
            "0500000000",
            "0612345678 ou 0612345679",
            "1234567890123456789",
        ),
        "phone",
    ),
    "email": dict.fromkeys(
        ("", "salma", "salma@gmail", "salma@@gmail.com", "salma.gmail.com", "a@b.ma et c@d.ma", "a@localhost", "@b.ma"),
        "email",
    ),
    "link": dict.fromkeys(
        """
        exemple · @projet · pas encore · ftp://exemple.ma · javascript:alert(1) · https:// · https://moi:secret@exemple.ma · http://localhost
        https://127.0.0.1 · https://exemple.ma:99999 · https://exemple.ma/<b> · https://a.ma https://b.ma · a.b
        """.replace("\n", " · ").split(" · "),
        "link",
    ),
    "files": dict.fromkeys(("", "voici mon cv"), "file"),
    "full_name": dict.fromkeys(
        ("", "Salma", "Salma 2 Benali", "<b>Salma</b> Benali", "salma_benali b", "06 12"), "name"
    ),
    "ice": dict.fromkeys(("1", "97", "00000000000009a", "0000000000000971", "je ne sais pas"), "ice"),
    "rc": dict.fromkeys(("x", "12345", "Nador", "12345678901 Nador", "12345 6789"), "rc"),
    "school": dict.fromkeys(("", "x", "oui", "non", "3", "٣", "لا"), "choice"),
}


@pytest.mark.parametrize(
    ("kind", "said", "why"), [(kind, said, why) for kind, rows in REFUSED.items() for said, why in rows.items()]
)
def test_a_bad_answer_is_told_what_would_be_a_good_one(kind: str, said: str, why: str) -> None:
    with pytest.raises(Misread) as misread:
        QUESTIONS[kind].read(heard(said))
    assert tuple(plain(misread.value.hint, code) for code in ("fr", "ar", "en")) == SAID[why]
    assert misread.value.offers == ()


@pytest.mark.parametrize(
    ("kind", "said", "why", "offers"),
    [
        ("amount", "150k", "which amount", [150_000]),
        ("amount", "1,5 million", "which amount", [1_500_000, 15_000]),
        ("amount", "un million de dirhams", "which amount", [1_000_000]),
        ("amount", "مليون", "which amount", [1_000_000, 10_000]),
        ("amount", "2 mlyoun", "which amount", [20_000]),
        ("amount", "2 millions de centimes", "which amount", [20_000]),
        ("amount", "1000 rial", "which amount", [50]),
        ("amount", "١٠٠٠٠ ريال", "which amount", [500]),
        ("amount", "5 alf", "which amount", [5_000, 50]),
        ("amount", "٢٠٠ ألف درهم", "which amount", [200_000]),
        ("amount", "cent mille dh", "which amount", [100_000]),
        ("amount", "500 millions", "which amount", [5_000_000]),
        ("amount", "1 milliard", "which amount", [10_000_000]),
        ("day", "jeudi prochain", "which day", ["2026-12-03", "2026-11-26"]),
        ("past day", "mars 2024", "which day", ["2024-03-01"]),
        ("day", "jeudi 25 novembre", "which day", ["2026-11-25"]),
        ("email", "salma@gmial.com", "did you mean", ["salma@gmail.com", "salma@gmial.com"]),
        ("email", "salma@gmail.co", "did you mean", ["salma@gmail.com", "salma@gmail.co"]),
        ("ice", "001234567000001", "ice twice", ["001234567000001"]),
    ],
)
def test_what_may_mean_several_things_is_asked_about(kind: str, said: str, why: str, offers: list[Json]) -> None:
    with pytest.raises(Misread) as misread:
        QUESTIONS[kind].read(heard(said))
    assert tuple(plain(misread.value.hint, code) for code in ("fr", "ar", "en")) == SAID[why]
    assert [offer.kept for offer in misread.value.offers] == offers
    for offer in misread.value.offers:
        assert QUESTIONS[kind].keep(QUESTIONS[kind].load(offer.kept)) == offer.kept


@pytest.mark.parametrize(
    ("trouble", "said"),
    [("type", SAID["type"][0]), ("size", SAID["size"][0]), ("anything new", plain(files.TROUBLES["unsafe"](10), "fr"))],
)
def test_a_file_that_cannot_be_taken_is_told_why(trouble: str, said: str) -> None:
    with pytest.raises(Misread) as misread:
        QUESTIONS["files"].read(heard(trouble=trouble))
    assert plain(misread.value.hint, "fr") == said


@pytest.mark.parametrize(("trouble", "code"), [(trouble, code) for trouble in files.TROUBLES for code in LANGUAGES])
def test_every_trouble_with_a_file_has_its_words(trouble: str, code: str) -> None:
    words = plain(files.TROUBLES[trouble](10), code)
    assert words
    assert "{" not in words
    assert code == "en" or words != plain(files.TROUBLES[trouble](10), "en")


def test_a_number_shared_by_the_phone_itself_needs_no_plus() -> None:
    assert QUESTIONS["phone"].read(heard("33612345678", contact=True)) == "+33612345678"
    assert QUESTIONS["phone"].read(heard("0612345678", contact=True)) == "+212612345678"


def test_what_was_read_is_said_back_where_it_could_be_wrong() -> None:
    for kind, kept, words in (
        (
            "day",
            "2027-03-01",
            ("C'est noté : lundi 1er mars 2027.", "تم التسجيل: الاثنين 1 مارس 2027.", "Noted: Monday 1 March 2027."),
        ),
        ("amount", 1_500_000, ("C'est noté : 1 500 000 DH.", "تم التسجيل: 1 500 000 درهم.", "Noted: 1 500 000 DH.")),
    ):
        question = QUESTIONS[kind]
        assert question.echo is not None
        assert tuple(plain(question.echo(question.load(kept)), code) for code in ("fr", "ar", "en")) == words


# kept answers -------------------------------------------------------------------------------------------------------

STALE: dict[str, list[Json]] = {
    "text": [None, 7, "abc", "x" * 31, ["Bonjour"]],
    "choice": [None, "yellow", "", True, ["green"], 0],
    "several": [None, [], "green", ["yellow"], ["green", "yellow"], [["green"]], [1], {"green": True}],
    "yes_no": [None, "yes", 1, 0, []],
    "number": [None, "4", True, 0, 201, 1.5, [4]],
    "amount": [None, "4", False, -1, 50_000_001],
    "day": [None, "", "31/12/2026", "2026-02-31", 20260101, "1949-12-31", ["2026-01-01"]],
    "phone": [None, "", "06", 612345678, "abc", ["+212612345678"]],
    "email": [None, "salma", 7],
    "link": [None, "exemple", "javascript:alert(1)"],
    "files": [
        None,
        [],
        "cv.pdf",
        [["k3y", "cv.pdf"]],
        [["a", "b", "c", 1]] * 3,
        [{"id": "k3y"}],
        [["k3y", "cv.pdf", "application/pdf", "big"]],
    ],
    "full_name": [None, "Salma", 7],
    "ice": [None, "97", 97],
    "rc": [None, "12345"],
    "school": [None, "closed", 7, ["fso"]],
}


@pytest.mark.parametrize(("kind", "kept"), [(kind, kept) for kind, rows in STALE.items() for kept in rows])
def test_a_kept_value_that_no_longer_fits_is_asked_again(kind: str, kept: Json) -> None:
    with pytest.raises(Stale):
        QUESTIONS[kind].load(kept)


def test_a_choice_that_is_gone_says_so() -> None:
    gone = _("That hour has just been taken.")
    with pytest.raises(Stale) as stale:
        choices.choice(PROMPT, COLOURS, gone=gone).load("yellow")
    assert stale.value.why is gone


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)
ANY = st.text(max_size=60) | st.sampled_from([said for rows in KEPT.values() for said in rows])


@given(st.sampled_from(sorted(QUESTIONS)), ANY)
def test_any_message_is_an_answer_or_a_hint_and_an_answer_survives_being_kept(kind: str, said: str) -> None:
    question = QUESTIONS[kind]
    try:
        value = question.read(heard(said))
        kept = json.loads(json.dumps(question.keep(value)))
        assert question.load(kept) == value
        words = question.show(value)
    except Misread as misread:
        words = misread.hint
    for code in LANGUAGES:
        assert plain(words, code)


@given(st.sampled_from(sorted(QUESTIONS)), JSON)
def test_any_kept_value_is_trusted_or_stale(kind: str, kept: Json) -> None:
    question = QUESTIONS[kind]
    try:
        value = question.load(kept)
    except Stale:
        return
    assert question.load(question.keep(value)) == value
    assert all(TONGUES[code].say(question.show(value)) for code in LANGUAGES)


@given(
    st.dates(date(1950, 1, 1), date(2100, 1, 1)),
    st.integers(0, 50_000_000),
    st.lists(st.sampled_from([o.value for o in COLOURS]), min_size=1, unique=True),
)
def test_what_we_show_is_what_we_read(day: date, dirhams: int, colours: list[str]) -> None:
    for code in LANGUAGES:
        for kind, value in (("day", day), ("amount", dirhams), ("several", colours), ("choice", colours[0])):
            question = QUESTIONS[kind]
            assert question.read(heard(TONGUES[code].say(question.show(value)))) == value


# a question in a conversation -----------------------------------------------------------------------------------------


class Table:
    """One question across a table: what is kept, and what is said, message after message."""

    def __init__(self, question: Question[Any], *, known: Json = None) -> None:
        self.question, self.known = question, known
        self.state = State("table", 1)
        self.out: Outgoing

    async def hear(self, message: Reply | None = None) -> Json:
        """The kept answer; None while the question stays open."""
        if message is not None:
            message = replace(message, picked=list(self.state.picked), shown=self.state.shown)
        run = Run(self.state, message)
        talk = Talk(run, Person(1, "fr"), TONGUES, datetime(2026, 11, 23, 9, tzinfo=UTC), UTC)
        try:
            await talk.ask("it", self.question, known=self.known)
        except Asked:
            self.out = run.out[-1]
            return None
        return self.state.answers["it"]

    async def say(self, text: str) -> Json:
        return await self.hear(heard(text))

    async def press(self, label: str) -> Json:
        found = {plain(button.label, "fr"): button.carries for button in self.out.buttons}
        carried = uncarried(found[label])
        assert carried is not None
        return await self.hear(heard(value=carried[2]))

    def told(self, code: str = "fr") -> str:
        return plain(self.out.text, code)

    def labels(self, code: str = "fr") -> list[str]:
        return [plain(button.label, code) for button in self.out.buttons]


async def put(question: Question[Any], *, known: Json = None) -> Table:
    table = Table(question, known=known)
    assert await table.hear() is None
    return table


@pytest.mark.parametrize(
    "said", ["2", "٢", "۲", "2.", "n° 2", "le 2", "jouj", "جوج", "deux", "two", "bleu", "Sky blue", "الأزرق السماوي"]
)
async def test_a_typed_line_is_the_button_it_stands_for(said: str) -> None:
    assert await (await put(QUESTIONS["choice"])).say(said) == "blue"


@pytest.mark.parametrize(
    ("said", "kept"),
    [("lwel", "green"), ("le premier", "green"), ("الأول", "green"), ("lekher", "more"), ("the last one", "more")],
)
async def test_the_first_and_the_last_are_those_on_the_screen(said: str, kept: str) -> None:
    assert await (await put(QUESTIONS["choice"])).say(said) == kept


async def test_a_number_that_is_also_a_name_is_asked_about() -> None:
    people = choices.choice(PROMPT, {"a": label("3", "3", "3"), "b": label("2", "2", "2"), "c": label("1", "1", "1")})
    table = await put(people)
    assert await table.say("3") is None
    assert table.labels()[:2] == ["3", "1"]
    assert await table.press("1") == "c"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("1, 3", ["green", "red"]),
        ("1 3", ["green", "red"]),
        ("١، ٣", ["green", "red"]),
        ("1 et 3", ["green", "red"]),
        ("vert, 3", ["green", "red"]),
    ],
)
async def test_several_lines_may_be_typed_at_once(said: str, kept: list[str]) -> None:
    assert await (await put(QUESTIONS["several"])).say(said) == kept


async def test_several_are_tapped_one_by_one_and_ended_with_done() -> None:
    table = await put(QUESTIONS["several"])
    assert "Terminer" not in table.labels()
    await table.press("Vert")
    await table.say("2")  # a tap on the second line of those still shown
    assert "Vert" not in table.labels()
    assert await table.press("Terminer") == ["green", "red"]
    table = await put(QUESTIONS["several"])
    await table.press("Vert")
    await table.press("Rouge vif")
    assert "Vert, Rouge vif" in table.told()
    assert "Vert" not in table.labels()
    assert await table.press("Terminer") == ["green", "red"]


@pytest.mark.parametrize("word", ["c'est tout", "safi", "صافي", "done", "salit", "suivant", "confirmer"])
async def test_done_may_be_said_in_words(word: str) -> None:
    table = await put(QUESTIONS["several"])
    assert await table.say(word) is None
    assert table.told("en").startswith("Nothing chosen yet.")
    await table.press("Vert")
    assert await table.say(word) == ["green"]


async def test_as_many_as_may_be_chosen_need_no_done() -> None:
    table = await put(choices.several(PROMPT, COLOURS, most=2))
    await table.press("Vert")
    assert await table.press("Rouge vif") == ["green", "red"]
    assert await (await put(choices.several(PROMPT, COLOURS, most=2))).say("1, 2, 3") is None


async def test_files_come_one_by_one_until_done_or_full() -> None:
    table = await put(QUESTIONS["files"])
    assert await table.say("terminé") is None
    assert table.told("en").startswith("I have not received a file yet.")
    assert await table.hear(heard("mon cv", file=PDF)) is None
    assert "cv.pdf" in table.told()
    assert await table.press("Terminer") == [["k3y", "cv.pdf", "application/pdf", 1000]]
    table = await put(QUESTIONS["files"])
    await table.hear(heard(file=PDF))
    assert await table.hear(heard(file=replace(PDF, id="k4y"))) == [
        ["k3y", "cv.pdf", "application/pdf", 1000],
        ["k4y", "cv.pdf", "application/pdf", 1000],
    ]


@pytest.mark.parametrize("word", ["passer", "plus tard", "skip", "تجاوز", "من بعد", "mazal", "later"])
@pytest.mark.parametrize("kind", ["text", "choice", "phone", "files", "amount"])
async def test_an_optional_question_is_skipped_in_any_language(kind: str, word: str) -> None:
    table = await put(kit.optional(QUESTIONS[kind]))
    assert table.labels()[-1] == "Passer"
    await table.say(word)
    assert table.state.answers == {"it": None}
    required = await put(QUESTIONS[kind])
    assert await required.say(word) is None
    assert required.told("en").startswith("This answer is needed to continue.")


async def test_later_is_what_a_document_offers_instead_of_skip() -> None:
    table = await put(kit.optional(QUESTIONS["files"], later=True))
    assert table.labels("en") == ["Later"]
    await table.hear(heard(value=SKIP))
    assert table.state.answers == {"it": None}
    assert plain(kit.optional(QUESTIONS["files"]).show(None), "en") == "(no answer)"


async def test_later_may_be_an_answer_where_it_is_an_option() -> None:
    when = choices.choice(
        PROMPT, {"now": label("Tout de suite", "الآن", "Now"), "later": label("Plus tard", "لاحقا", "Later")}
    )
    assert await (await put(kit.optional(when))).say("plus tard") == "later"


@pytest.mark.parametrize("word", ["oui", "confirmer", "suivant", "نعم", "zid"])
async def test_an_answer_known_from_elsewhere_is_kept_with_one_word(word: str) -> None:
    assert await (await put(QUESTIONS["phone"], known="+212612345678")).say(word) == "+212612345678"
    table = await put(QUESTIONS["phone"], known="+212612345678")
    assert "+212 6 12 34 56 78" in table.told()
    assert await table.hear(heard(value=KEEP)) == "+212612345678"
    for label in ("Garder cette réponse", "الاحتفاظ بهذا الجواب", "Keep this answer"):
        assert await (await put(QUESTIONS["text"], known="Bonjour à tous")).say(label) == "Bonjour à tous"
    stale = await put(QUESTIONS["phone"], known="06")
    assert "Garder cette réponse" not in stale.labels()


async def test_a_reading_is_confirmed_by_its_button_its_number_a_yes_or_the_same_words_again() -> None:
    for answer in ("1", "oui"):
        table = await put(QUESTIONS["amount"])
        assert await table.say("150k") is None
        assert await table.say(answer) == 150_000
    table = await put(QUESTIONS["amount"])
    await table.say("5 alf")
    assert await table.say("oui") is None
    await table.say("5 alf")
    assert await table.press("50 DH") == 50
    table = await put(QUESTIONS["email"])
    await table.say("salma@gmial.com")
    assert await table.say("salma@gmial.com") == "salma@gmial.com"
    table = await put(QUESTIONS["email"])
    await table.say("salma@gmial.com")
    assert await table.say("non") is None
    assert await table.say("salma@exemple.ma") == "salma@exemple.ma"


async def test_after_misreads_come_an_example_and_then_a_person() -> None:
    table = await put(QUESTIONS["phone"])
    await table.say("abc")
    assert "For example" not in table.told("en")
    await table.say("abc")
    assert "For example: 06 12 34 56 78" in table.told("en")
    await table.say("abc")
    assert "a person of our team can help you" in table.told("en")
    assert table.labels("en")[-1] == "Talk to the team"
    assert await table.say("0612345678") == "+212612345678"
    assert table.state.misreads == 0


async def test_a_document_is_no_answer_in_words() -> None:
    table = await put(QUESTIONS["text"])
    assert await table.hear(heard("mon projet", file=PDF)) is None
    assert table.told("en").startswith("Thank you, but an answer in words is needed here; documents come later.")


async def test_a_mere_step_is_no_answer_to_show_or_edit() -> None:
    state = State("table", 1, {"step": "green", "it": "blue"})
    talk = Talk(Run(state, None), Person(1, "fr"), TONGUES, datetime(2026, 11, 23, 9, tzinfo=UTC), UTC)
    await talk.ask("step", kit.passing(QUESTIONS["choice"]))
    await talk.ask("it", kit.titled(QUESTIONS["choice"], label("Couleur", "اللون", "Colour")))
    assert [plain(row.line(), "en") for row in talk.answered()] == ["Colour: Sky blue"]


@pytest.mark.parametrize("code", LANGUAGES)
async def test_the_words_on_the_kits_own_buttons_may_be_typed(code: str) -> None:
    for label, meaning in (
        ("Back", "back"),
        ("Skip", "skip"),
        ("Later", "skip"),
        ("Done", "done"),
        ("Talk to the team", "human"),
        ("Menu", "menu"),
    ):
        assert understand.intent(TONGUES[code].say(Sentence(label, {}))) == meaning


# answers in words ---------------------------------------------------------------------------------------------------

WRITTEN: dict[str, Json] = {
    "name": "Salma Benali",
    "text": "Un séchoir solaire pour les figues.",
    "phone": "+212612345678",
    "email": "salma@example.ma",
    "link": "https://example.ma",
    "date": "1998-03-15",
    "number": 4,
    "amount": 150_000,
    "yes_no": True,
    "ice": "001525713000054",
    "rc": "12345 Oujda",
}


@pytest.mark.parametrize("code", LANGUAGES)
def test_an_answer_reads_elsewhere_as_its_own_question_shows_it(code: str) -> None:
    seen = set()
    questions = {id: check_question(PROGRAMME, id) for id in PROGRAMME.eligibility.questions}
    questions |= {id: form.field_question(PROGRAMME, id, "required") for id in PROGRAMME.form.fields}
    for id, question in questions.items():
        field = PROGRAMME.form.fields.get(id)
        several = field.type == "several" if field is not None else PROGRAMME.eligibility.questions[id].several
        options = [option.value for option in question.options if option.value not in ("yes", "no")]
        kept: list[Json] = [[options[0]], [*options]] if several else [*options]
        if not options and field is not None:
            kept = [True, False] if field.type == "yes_no" else [WRITTEN[field.type]]
        if field is not None and field.free_text:
            kept.append("=École d'ailleurs")
        seen.add("check" if field is None else field.type)
        for answer in kept:
            assert plain(shown(PROGRAMME, id, answer) or "", code) == plain(question.show(question.load(answer)), code)
        unknown: list[Json] = [None, {}, [], [*options, "gone"], *(["gone"] if options else [])]
        for answer in unknown:
            assert shown(PROGRAMME, id, answer) is None, (id, answer)
    assert seen >= {"check", "name", "text", "phone", "email", "link", "date", "amount", "yes_no", "choice", "several"}


# labels -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_label_of_the_programme_fits_its_button(code: str) -> None:
    labels: list[tuple[str, StaffText, int]] = [(id, text, OPTION) for id, text in PROGRAMME.menu.items()]
    answers = {id: check.options for id, check in PROGRAMME.eligibility.questions.items()} | {
        id: field.options for id, field in PROGRAMME.form.fields.items()
    }
    labels += [
        (f"{id}.{value}", option.label, OPTION) for id, options in answers.items() for value, option in options.items()
    ]
    labels += [(id, check.title, OPTION) for id, check in PROGRAMME.eligibility.questions.items()]
    labels += [(id, field.label, OPTION) for id, field in PROGRAMME.form.fields.items()]
    labels += [(id, service.name, OPTION) for id, service in PROGRAMME.services.items()]
    labels += [(f"faq.{at}", entry.label, OPTION) for at, entry in enumerate(PROGRAMME.faq) if entry.label is not None]
    labels += [(id, getattr(PROGRAMME.consent, id), BUTTON) for id in ("agree", "refuse", "more")]
    assert len(labels) > 100
    long = [
        f"{where}: {text.by_language[code]}"
        for where, text, most in labels
        if not 0 < len(text.by_language[code]) <= min(most, telegram.LIMITS.label)
    ]
    assert long == []


def own_labels() -> list[str]:
    """Every sentence of the code that stands on a button."""
    found: set[str] = set()
    for path in [*(HOME / "handlers").rglob("*.py"), *(HOME / "bot").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in (
                "Button",
                "_button",
                "Option",
                "Offer",
                "offer",
                "Entry",
            ):
                for inner in (inner for argument in node.args[:3] for inner in ast.walk(argument)):
                    if (
                        isinstance(inner, ast.Call)
                        and isinstance(inner.func, ast.Name)
                        and inner.func.id == "_"
                        and isinstance(inner.args[0], ast.Constant)
                    ):
                        found.add(str(inner.args[0].value))
    return sorted(label for label in found if "{" not in label)


@pytest.mark.parametrize("label", own_labels())
def test_our_own_buttons_fit_in_every_language(label: str) -> None:
    assert all(0 < len(plain(Sentence(label, {}), code)) <= OPTION for code in LANGUAGES)


# questions as data ---------------------------------------------------------------------------------------------------

EVERY_FIELD = [
    *(check_question(PROGRAMME, id) for id in PROGRAMME.eligibility.questions),
    *(form.field_question(PROGRAMME, id, "optional") for id in PROGRAMME.form.fields),
    *(form.document_question(PROGRAMME, id, "required") for id in PROGRAMME.form.documents),
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_of_the_programme_describes_itself_as_data(language: str) -> None:
    for question in EVERY_FIELD:
        told = question.described(TONGUES[language])
        assert json.loads(json.dumps(told)) == told
        assert told["title"]
        assert told["prompt"]
        options: Any = told["options"]
        assert [option["value"] for option in options] == [option.value for option in question.options]
        assert bool(options) == (told["kind"] in ("choice", "several", "yes_no"))


@pytest.mark.parametrize(
    "question",
    [
        kinds_text.text(PROMPT, shortest=3, longest=9),
        numbers.number(PROMPT, least=3, most=9),
        numbers.amount(PROMPT, least=3, most=9),
        files.files(PROMPT, most=3),
        choices.several(PROMPT, {str(n): label(f"f{n}", f"a{n}", f"e{n}") for n in range(1, 6)}, most=3),
    ],
    ids=["text", "number", "amount", "files", "several"],
)
def test_the_bounds_it_tells_are_the_bounds_it_keeps(question: Question[Any]) -> None:
    told = question.described(TONGUES["fr"])
    least, most = told["least"], told["most"]
    assert isinstance(least, int)
    assert isinstance(most, int)

    def kept(count: int) -> Json:
        match told["kind"]:
            case "text":
                return "a" * count
            case "files":
                return [PDF.kept()] * count
            case "several":
                return [str(n) for n in range(1, count + 1)]
        return count

    for count, right in ((least - 1, False), (least, True), (most, True), (most + 1, False)):
        if right:
            assert question.keep(question.load(kept(count))) == kept(count)
        else:
            with pytest.raises((Stale, Misread)):
                question.load(kept(count))


def test_a_question_of_a_conversations_own_has_no_data() -> None:
    with pytest.raises(LookupError):
        replace(kinds_text.text(PROMPT), shape=None).described(TONGUES["fr"])
