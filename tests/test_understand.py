"""What people really type, and what it means: the spellings founders of the region use, held one by one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handlers.talk import understand
from handlers.talk.understand import count, folded, intent, polite, quantity, wish

# what each means: French and SMS, Darija in Latin letters, Arabic script, English
GLOSSARY = {
    "yes": """
        oui · ui · wi · oué · ouais · ouep · yep · d'accord · dac · dacc · dakor · dacodac · ok · okk · okey · okay · oki · c bon · cbon · c'est bon · bien sûr · bsr oui · exact · parfait · volontiers · pas de problème · pas de souci
        wah · waah · wa7 · ah · aah · ih · iyeh · iyah · eyeh · iwa ah · n3am · na3am · naam · wakha · waxa · wa5a · ouakha · mezyan · mzyan · tafe9na · ma3loum · akid · machi mochkil · ma kayn mochkil · hanya
        نعم · آه · اه · أه · إيه · ايه · إييه · واه · وااه · واخا · وخا · موافق · موافقة · أوافق · حسنا · حسنًا · طيب · تمام · أكيد · مزيان · معلوم · ماشي مشكل · ما كاين مشكل · بكل سرور · 👍 · ✅ · 👌
        yes · yeah · yup · yea · y · sure · of course · alright · fine
    """,
    "no": """
        non · nn · nan · nop · pas d'accord · non merci · pas du tout · jamais · ms non
        la · laa · lala · lla · la la · la chokran · mabghitch · ma bghitch · mab4itch · ma britch · machi · la safi
        لا · لالا · لا لا · لأ · كلا · لا شكرا · ما بغيتش · مابغيتش · غير موافق · غير موافقة · لا أوافق · 👎 · ❌
        no · nope · nah · no thanks · n
    """,
    "next": """
        suivant · suiv · continuer · on continue
        kemmel · kemel · nkemlo · zid · yallah
        التالي · متابعة · كمل · نكملو · زيد · يلاه
        next · continue · go on
    """,
    "back": """
        retour · rtr · revenir en arrière · précédent · prec · revenir · arrière
        rje3 · rja3 · rj3 · nrje3 · rje3 lour · lour · lor · lwra
        رجوع · ارجع · رجع · نرجع · السابق · عودة · لور · اللور
        back · go back · previous · prev
    """,
    "skip": """
        passer · sauter · ignorer · pas maintenant · plus tard · + tard · plutard · après
        douz · dowz · fout · khelliha · mn b3d · men be3d · mnb3d · mazal
        تخطي · تخطٍّ · تجاوز · دوز · فوت · خليها · من بعد · لاحقا · مازال
        skip · later · not now · pass
    """,
    "edit": """
        modifier · modif · changer · corriger · rectifier
        beddel · bedel · nbeddel · bdl · 9ad · sa77e7 · sahe7
        تعديل · تغيير · بدل · نبدل · صحح · تصحيح · قاد
        edit · change · modify · correct
    """,
    "confirm": """
        confirmer · je confirme · confirmé · valider · envoyer · c validé
        nakked · n2akked · confirmi · sift · sifto · valida
        تأكيد · أؤكد · نأكد · إرسال · صيفط · صيفطو
        confirm · i confirm · submit · send
    """,
    "cancel": """
        annuler · annule · anuler · annulé · laisse tomber
        lghi · elghi · lghih · nelghi · 7eyed · 7ayed · batel · anuli
        إلغاء · الغاء · ألغي · لغي · نلغي · حيد · بطل
        cancel · abort · never mind
    """,
    "restart": """
        recommencer · recommence · reprendre à zéro · reset
        3awed · n3awed · 3awd mn lewel · mn lewel · mn jdid
        البدء من جديد · من جديد · من الأول · عاود · نعاود
        restart · start over · again
    """,
    "menu": """
        menu · accueil · sommaire · début · liste
        lmenu · menou · l9ayma · la7a · lebdaya
        القائمة · قائمة · اللائحة · الرئيسية · البداية · مينيو
        menu · home · start · /start · main menu
    """,
    "help": """
        aide · aidez-moi · aidez moi · help · sos · comment faire · comment ça marche · ? · ??
        3awenni · 3awnouni · 3aweni · mosa3ada · moussa3ada · kifach · kifash · chno ndir · chnou ndir
        مساعدة · المساعدة · عاونوني · عاوني · كيفاش · كيفاش ندير · شنو ندير · أحتاج مساعدة · ساعدوني
        help me · how does it work · how
    """,
    "not_understood": """
        pas compris · j'ai pas compris · g pa compri · jcp · hein · quoi
        mafhemtch · ma fhemtch · mafhamtch · mafhmtch · chno · chnou · achno
        ما فهمتش · مافهمتش · لم أفهم · شنو · أشنو · ماذا
        i don't understand · what · huh
    """,
    "human": """
        conseiller · un humain · agent · parler à quelqu'un · responsable · appelez-moi
        bghit nhder m3a chi wa7ed · bghit nahder m3akom · chi wa7ed · mas2oul · 3eyto liya
        موظف · مستشار · مسؤول · بغيت نهضر مع شي واحد · التحدث مع شخص · عيطو ليا · التحدث مع الفريق
        human · agent please · talk to someone · call me
    """,
    "stop": """
        stop · arrêter · arrêtez · désabonner · désabonnement · désinscrire
        7bes · 7besso · wa9ef · we9fo · baraka · ma tsiftouch
        توقف · أوقف · وقفو · حبس · بركا · إلغاء الاشتراك · ما تصيفطوش
        unsubscribe · opt out
    """,
    "news_on": """
        annonces · abonner · m'abonner · réactiver
        nchterek · chterek · i3lanat
        إعلانات · اشتراك · إعادة التفعيل
        news · subscribe
    """,
    "my_data": """
        mes données · mes donnees · supprimer mes données · vie privée
        ma3loumati · lma3loumat dyali · mse7 lma3loumat dyali
        معطياتي · بياناتي · المعلومات ديالي · حذف معطياتي
        my data · delete my data · privacy
    """,
    "greeting": """
        bonjour · bjr · bnjr · slt · salut · bonsoir · bsr · cc · coucou · re
        salam · slm · salam 3likom · salamo 3alaykom · slm 3likom · ahlan · sba7 lkhir · msa lkhir · azul
        سلام · السلام عليكم · السلام · أهلا · مرحبا · صباح الخير · مساء الخير · ⴰⵣⵓⵍ
        hi · hello · hey · good morning
    """,
    "thanks": """
        merci · mrc · mci · mrci · merci bcp · merci beaucoup
        chokran · choukran · chkran · lah ykhlik · lah y7efdek · barak lah fik · bark lah fik · tbarkllah
        شكرا · شكرًا · شكرا جزيلا · الله يخليك · بارك الله فيك · الله يحفظك
        thanks · thank you · thx · ty
    """,
    "bye": """
        au revoir · a+ · à + · bonne journée · ciao
        bslama · beslama · thella · nhar zwin
        بسلامة · مع السلامة · إلى اللقاء · تهلا
        bye · goodbye · see you
    """,
    "lang_fr": """
        français · francais · fr · fra · frs · en français
        fransawi · faransiya · lfransawiya · b lfrancais · fronssi
        فرنسية · الفرنسية · بالفرنسية · فرنساوية · فرونسي
        french
    """,
    "lang_ar": """
        arabe · ar · en arabe
        3arbiya · l3arbiya · 3arabiya · bl3arbiya · 3arbi · darija · derja · ddarija · bddarija
        عربية · العربية · بالعربية · عربي · الدارجة · دارجة · بالدارجة · مغربية
        arabic · moroccan
    """,
    "lang_en": """
        anglais · ang · en anglais
        ingliziya · nglizia · inglizia · lingliziya · englizi
        إنجليزية · انجليزية · الإنجليزية · بالإنجليزية · نكليزية
        english · eng · en
    """,
    "lang_other": """
        tamazight · amazigh · rifain · espagnol
        tarifit · tmazight · chel7a · sbanyoliya
        أمازيغية · الأمازيغية · الريفية · تاريفيت · ⵜⴰⵎⴰⵣⵉⵖⵜ · إسبانية
        berber · spanish
    """,
    "appointment": """
        rdv · rdvs · rv · rendez-vous · rendez vous · rendezvous · rdez vous · prendre rdv · réserver
        mou3id · maw3id · mo3id · maou3id · randivou · rondivou · rendivou · bghit rdv · n7jez · 7jez
        موعد · الموعد · رونديفو · رنديفو · حجز · حجز موعد · بغيت موعد · نحجز
        appointment · appt · meeting · book · booking
    """,
    "my_bookings": """
        mes rdv · mes rendez-vous · mes séances
        lmawa3id dyali · mawa3idi · rdv dyali
        مواعيدي · المواعيد ديالي · الموعد ديالي
        my bookings · my appointments
    """,
    "move": """
        déplacer · reporter · décaler · repousser · changer rdv
        n2ejjel · ajjel · beddel rdv · n7awel lmaw3id
        تغيير الموعد · تأجيل · نأجل · أجّلو · بدل الموعد
        move · reschedule · postpone
    """,
    "apply": """
        postuler · candidater · inscription · m'inscrire · s'inscrire · candidature · déposer un dossier
        bghit nsejjel · nsejel · tsjil · n9eyed · bghit net9eyed · bghit ndefe3 dossier
        الترشيح · ترشيح · التسجيل · تسجيل · بغيت نسجل · بغيت ندفع الدوسي · التقديم
        apply · application · register · sign up
    """,
    "track": """
        suivi · mon dossier · ma candidature · où en est mon dossier
        fin wsel dossier · fin wsel lmilaf · dossier dyali · chno tra f dossier
        فين وصل الملف · فين وصل الدوسي · وضعية طلبي · تتبع · ملفي
        track · my application · status
    """,
    "eligible": """
        éligible · éligibilité · suis-je éligible · conditions
        wach ymken lia · wach 3endi l7e9 · chorout · chnouma chorout
        الشروط · الأهلية · واش يمكن ليا · واش عندي الحق
        eligible · am i eligible · requirements
    """,
    "price": """
        prix · tarif · tarifs · loyer · cb · combien · c combien
        chhal · ch7al · bch7al · bchhal · taman · taman lkra · lkra
        شحال · بشحال · الثمن · ثمن الكراء · الكراء · كم الثمن
        price · how much · rent · cost
    """,
    "where": """
        où · ou etes vous · adresse · localisation · lieu
        fin · fin kayn · fin jitou · l3onwan · lblasa
        فين · فين كاين · فين جيتو · أين · العنوان · البلاصة
        where · address · location
    """,
    "hours": """
        horaires · horaire · ouvert · vous ouvrez quand
        fou9ach · fo9ach · imta · weqtach · wa9tach · mhlolin
        فوقاش · وقتاش · إمتى · متى · أوقات العمل · محلولين
        hours · opening hours · when
    """,
    "office": """
        bureau · bureaux · local · coworking · hébergement
        bghit biro · biro · lbiro · blasa · ma7al
        مكتب · مكاتب · بيرو · محل · فضاء · الإيواء
        office · desk · workspace
    """,
    "funding": """
        financement · financer · crédit · prêt · subvention · argent
        tamwil · flous · lflous · 9ard · lkridi · da3m
        تمويل · التمويل · فلوس · الفلوس · قرض · الكريدي · دعم
        funding · money · loan · grant
    """,
    "coach": """
        coach · coaching · accompagnement · conseil
        mouakaba · mowakaba · mouwakaba · ta2tir · koutch
        مواكبة · المواكبة · تأطير · كوتش · مؤطر · مؤطرة
        coach me · mentor · advice
    """,
    "onsite": """
        sur place · présentiel · en présentiel
        7odouri · nji · nji l technopark
        حضوري · حضوريا · حضوريًا · نجي
        on site · in person
    """,
    "online": """
        en ligne · à distance · visio · zoom · meet · whatsapp
        3an bo3d · online · f telephone
        عن بعد · عن بُعد · أونلاين · فالتيليفون
        online · remote · video
    """,
}

INTERFACE = {
    "next": "Suivant · التالي · Next · Continuer · متابعة · Continue",
    "back": "Précédent · السابق · Previous · Retour · رجوع · Back",
    "yes": "Oui · نعم · Yes · D'accord · حسنًا · OK",
    "no": "Non · لا · No",
    "skip": "Passer · تجاوز · Skip",
    "confirm": "Confirmer · تأكيد · Confirm · Envoyer · إرسال · Send",
    "edit": "Modifier · تعديل · Edit",
    "cancel": "Annuler · إلغاء · Cancel",
    "restart": "Recommencer · البدء من جديد · Start over",
    "menu": "Menu · القائمة · Accueil · الرئيسية · Home",
    "help": "Aide · مساعدة · Help",
    "language": "Langue · اللغة · Language",
    "done": "Terminer · إنهاء · Finish · Terminé · Done",
    "appointment": "Rendez-vous · موعد · Appointment · Réserver · حجز · Book",
}

ALL = [(word, meaning) for meaning, words in GLOSSARY.items() for word in understand.split(words)]
ORDERS = st.sampled_from([word for word, _meaning in ALL if any(letter.isalnum() for letter in word)])


@pytest.mark.parametrize(("word", "meaning"), ALL)
def test_every_word_of_the_glossary_means_what_it_says(word: str, meaning: str) -> None:
    assert intent(word) == meaning


@pytest.mark.parametrize(
    ("word", "meaning"), [(word, meaning) for meaning, words in INTERFACE.items() for word in understand.split(words)]
)
def test_what_stands_on_buttons_may_be_typed(word: str, meaning: str) -> None:
    assert intent(word) == meaning


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        # drawn out, shouted, said twice
        ("Ouiiiii !!!", "yes"),
        ("OUI", "yes"),
        ("oui oui", "yes"),
        ("non non non", "no"),
        ("wakhaaaa", "yes"),
        ("واااااه", "yes"),
        ("لاااا", "no"),
        ("👍👍", "yes"),
        ("👍🏽", "yes"),
        ("👍🏿 👍🏿", "yes"),
        ("❌❌❌", "no"),
        # with courtesy, in any order
        ("oui merci", "yes"),
        ("oui svp 🙏", "yes"),
        ("aide moi stp", "help"),
        ("menu s'il vous plaît", "menu"),
        ("3afak rje3", "back"),
        ("عافاك رجوع", "back"),
        ("إلغاء من فضلكم", "cancel"),
        ("لا شكراً", "no"),
        ("cancel please", "cancel"),
        # courtesy alone is thanks
        ("merci beaucoup 🙏", "thanks"),
        ("شكرا 😊", "thanks"),
        ("chokran lah ykhlik", "thanks"),
        # marks, joiners, other letters of the same word
        ("نَعَم", "yes"),
        ("شُكْرًا", "thanks"),
        ("واخـــا", "yes"),
        ("الغـاء", "cancel"),
        ("قائمه", "menu"),
        ("مساعده", "help"),
        ("إيــه", "yes"),
        ("\u200fنعم\u200f", "yes"),
        ("\u2068oui\u2069", "yes"),
        ("oui\ufeff", "yes"),
        ("D’accord", "yes"),
        ("dʼaccord", "yes"),
        ("ＯＫ", "yes"),
        ("précédent", "back"),
        ("precedent", "back"),
        ("PRÉCÉDENT.", "back"),
        # Darija has no spelling: what sounds alike is alike
        ("wa5aa", "yes"),
        ("wakhkha", "yes"),
        ("mafhmtsh", "not_understood"),
        ("chookran", "thanks"),
        ("3aawenni", "help"),
        # one slip of the finger in a longer word
        ("modifer", "edit"),
        ("confimer", "confirm"),
        ("candiature", "apply"),
        ("القاءمة", "menu"),
        ("recomencer", "restart"),
        ("?", "help"),
        ("؟", "help"),
        ("? 🙏", "help"),
    ],
)
def test_a_word_is_known_however_it_is_typed(said: str, meaning: str) -> None:
    assert intent(said) == meaning


@pytest.mark.parametrize(
    "said",
    [
        # a word inside a sentence is no order
        "la formation commence lundi",
        "je veux annuler la dette de ma société",
        "retour sur investissement",
        "notre menu change chaque jour",
        "an app to cancel bookings",
        "stop au gaspillage",
        "oui mais pas avant mars",
        "بغيت نرجع المشروع ديالي رقمي",
        "تطبيق لا يحتاج إلى الإنترنت",
        "bghit nsifet lflous l l3a2ila",
        "non-alcoholic drinks",
        "rdv demain",
        # names that look like orders
        "Salima",
        "Salma",
        "Zaid",
        "Zahid",
        "Layla",
        "Iyad",
        "Naima",
        "Wahid",
        "Mounir",
        "Karima",
        "Said Bennani",
        "Hania Bennani",
        "Mazal Bensaid",
        "Smart",
        "Star",
        "Nexta",
        "Menara",
        "Mon dossier médical",
        "Start Up Nador",
        # a near miss never decides
        "stpo",
        "annuller",
        "ouis",
        "nin",
        "bonjouur à",
        # surprise is not yes
        "wah ?",
        "wah ?\u200f",
        "نعم؟",
        "نعم ؟ 😳",
        "ok?",
        "👍?",
        # nothing at all
        "",
        " ",
        "...",
        "\u200f",
        "ـــ",
        "😂",
        "👍👎",
        "7",
    ],
)
def test_what_is_no_order_is_left_alone(said: str) -> None:
    assert intent(said) is None


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("  Bonjour,  ÇA va?! ", "bonjour ca va"),
        ("«الإدارة» ـ مُواكِب…", "الاداره مواكب"),
        ("آأإٱ ؤ ئ ى ة", "اااا و ي ي ه"),
        ("ا\u0654مل", "امل"),
        ("٠١٢٣٤٥٦٧٨٩", "0123456789"),
        ("۰۱۲۳۴۵۶۷۸۹", "0123456789"),
        ("Aujourd’hui – l`été", "aujourd'hui l'ete"),
        ("STRASSE straße", "strasse strasse"),
        ("1️⃣", "1"),
    ],
)
def test_there_is_one_spelling_for_comparing(said: str, plain: str) -> None:
    assert folded(said) == plain


NUMBERS = {
    0: "0 · ٠ · sifr · zero · ziro · zéro · صفر",
    1: "1 · ١ · 1️⃣ · wahd · wa7d · wa7ed · wahed · واحد · وحدة · un · une · one · 1er · le 1er",
    2: "2 · ٢ · ۲ · jouj · joj · zouj · zoudj · جوج · زوج · اثنان · deux · two · 2eme · le 2ème · 2nd",
    3: "3 · ٣ · tlata · tleta · تلاتة · ثلاثة · trois · three · la 3 · 3. · 3) · (3) · n° 3 · رقم 3",
    4: "4 · ٤ · rb3a · reb3a · rab3a · ربعة · أربعة · quatre · four",
    5: "5 · ٥ · khmsa · 5msa · khamsa · خمسة · cinq · five",
    6: "6 · ٦ · stta · setta · seta · ستة · six",
    7: "7 · ٧ · sb3a · seb3a · sab3a · سبعة · sept · seven",
    8: "8 · ٨ · tmnia · tmenya · tmanya · تمنية · ثمانية · huit · eight",
    9: "9 · ٩ · ts3oud · tes3oud · ts3a · تسعود · تسعة · neuf · nine",
    10: "10 · ١٠ · 3chra · 3echra · 3achra · عشرة · dix · ten",
    11: "11 · 7dach · hdach · حداش · أحد عشر · onze · eleven",
    12: "12 · tnach · tnaach · طناش · اثنا عشر · douze · twelve",
    13: "telttach · teltach · تلطاش · ثلاثة عشر · treize · thirteen",
    14: "rb3tach · rbe3tach · ربعطاش · أربعة عشر · quatorze · fourteen",
    15: "khmstach · 5mstach · خمسطاش · خمسة عشر · quinze · fifteen",
    16: "sttach · ستة عشر · seize · sixteen",
    17: "sb3tach · سبعة عشر · dix-sept · dix sept · seventeen",
    19: "ts3tach · تسعة عشر · dix-neuf · nineteen",
    20: "3chrin · 3echrin · عشرين · عشرون · vingt · twenty",
    30: "tlatin · تلاتين · ثلاثون · trente · thirty",
    50: "khmsin · khamsin · خمسين · خمسون · cinquante · fifty",
    70: "sb3in · سبعون · soixante-dix · seventy",
    90: "ts3in · تسعون · quatre-vingt-dix · ninety",
    100: "100 · ١٠٠ · mia · mya · مية · مئة · cent · hundred",
}


@pytest.mark.parametrize(
    ("said", "number"), [(word, number) for number, words in NUMBERS.items() for word in understand.split(words)]
)
def test_a_number_is_known_in_figures_and_in_words(said: str, number: int) -> None:
    assert count(said) == number
    assert count(f"{said} svp") == number
    assert quantity(said) is not None


@pytest.mark.parametrize(
    "said", ["", "oui", "3 ou 4", "1,5", "½", "12345678901", "la formation", "المشروع 3 ديالي", "2026/03"]
)
def test_what_is_no_number_of_a_line_counts_nothing(said: str) -> None:
    assert count(said) is None


@pytest.mark.parametrize(
    ("said", "at"),
    [
        *(
            (word, 1)
            for word in ("lwel", "lowel", "الأول", "اللول", "le premier", "la première", "the first one", "الأولى svp")
        ),
        *((word, -1) for word in ("lekher", "lkher", "الأخير", "اللخر", "le dernier", "dernière", "the last one")),
        ("le deuxième", 0),
        ("2", 0),
        ("", 0),
    ],
)
def test_the_first_and_the_last_are_lines_of_the_list(said: str, at: int) -> None:
    assert understand.end(said) == at


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("150000", (150000, "")),
        ("150 000 dh", (150000, "dh")),
        ("150\u00a0000", (150000, "")),
        ("150\u202f000 DH", (150000, "dh")),
        ("150.000", (150000, "")),
        ("150,000", (150000, "")),
        ("1.500.000", (1500000, "")),
        ("1 500 000,50", (1500000.5, "")),
        ("١٥٠٠٠٠ درهم", (150000, "درهم")),
        ("٣٬٥٠٠", (3500, "")),
        ("٣٫٥", (3.5, "")),
        ("2,5 millions", (2.5, "millions")),
        ("-3", (-3, "")),
        ("150k", (150, "k")),
        ("DH 150", (150, "dh")),
        ("environ 40 personnes", (40, "environ personnes")),
        ("rb3a d nnas", (4, "d nnas")),
        ("sb3a", (7, "")),
        ("3chra", (10, "")),
        ("خمسة عشر", (15, "")),
        ("quatre-vingt-dix", (90, "")),
        ("3 ou 4", (3, "ou 4")),
        ("n3am", None),
        ("بزاف", None),
        ("", None),
    ],
)
def test_an_amount_is_found_with_the_words_around_it(said: str, found: tuple[float, str] | None) -> None:
    assert quantity(said) == found


# laws ---------------------------------------------------------------------------------------------------------------

ANY = st.text(max_size=40)
TRICKY = st.text(
    st.sampled_from(
        "ouinaewkh37925 -_'’«».,!?؟…٠١٢۳نعمواهلأإآٱىؤئةـَُِّٕٔ👍🏽✅❌️\u200f\u2068\u2069\u200d\u0301éÀİıßﬁǅ½²①٫٬\u00a0\n(){}[]/+@#°º"
    ),
    max_size=25,
)
MARKS = st.sampled_from(["\u200e", "\u200f", "\u200d", "\ufeff", "\u2066", "\u2068", "\u2069"])
HARAKAT = st.sampled_from(["\u064b", "\u064e", "\u064f", "\u0651", "\u0652", "\u0640", "\u0640\u0640"])
FACES = st.sampled_from(["🙏", "😀", "❤️", "🇲🇦", "👨‍👩‍👧", "☺️", "😂😂", "🎉"])


@given(ANY | TRICKY)
def test_folding_twice_changes_nothing(said: str) -> None:
    assert folded(folded(said)) == folded(said)
    assert polite(polite(folded(said))) == polite(folded(said))


@given(ANY | TRICKY)
def test_nothing_a_person_can_type_makes_it_fail(said: str) -> None:
    assert intent(said) is None or isinstance(intent(said), str)
    number: Any = count(said)
    assert number is None or 0 <= number < 10**9
    assert understand.end(said) in (-1, 0, 1)
    found = quantity(said)
    assert found is None or isinstance(found[0], float)


@given(ORDERS, MARKS, st.integers(0, 20))
def test_marks_that_cannot_be_seen_never_change_the_meaning(word: str, mark: str, at: int) -> None:
    assert intent(word[:at] + mark + word[at:]) == intent(word)


@given(
    ORDERS.filter(lambda word: all("\u0620" <= letter <= "\u064a" or letter == " " for letter in word)),
    HARAKAT,
    st.integers(1, 20),
)
def test_vowel_signs_and_drawn_out_letters_never_change_the_meaning(word: str, mark: str, at: int) -> None:
    assert intent(word[:at] + mark + word[at:]) == intent(word)


@example("merci bcp", "🙏", " ", False)
@given(ORDERS, FACES, st.sampled_from(["", " "]), st.booleans())
def test_an_emoji_beside_a_word_never_changes_the_meaning(word: str, face: str, space: str, first: bool) -> None:
    assert intent(f"{face}{space}{word}" if first else f"{word}{space}{face}") == intent(word)


@given(
    ORDERS.filter(lambda word: intent(word) != "thanks"),
    st.sampled_from(["svp", "stp", "s'il vous plaît", "please", "3afak", "lah ykhlik", "من فضلك", "عافاك"]),
    st.booleans(),
)
def test_courtesy_around_a_word_never_changes_the_meaning(word: str, courtesy: str, first: bool) -> None:
    assert intent(f"{courtesy} {word}" if first else f"{word} {courtesy}") == intent(word)


@given(st.integers(0, 999_999_999))
def test_figures_of_any_script_are_one_number(number: int) -> None:
    western = str(number)
    assert {
        count(western.translate({0x30 + n: chr(zero + n) for n in range(10)})) for zero in (0x30, 0x660, 0x6F0)
    } == {number}


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        ("هل أنا مؤهل؟", "eligible"),
        ("bghit nchof wach n9der nkhdem m3akom", "eligible"),
        ("Quels sont vos services ?", "services"),
        ("c quoi les services", "services"),
        ("ما هي خدماتكم؟", "services"),
        ("what do you offer?", "services"),
    ],
)
def test_what_people_ask_first_is_understood(said: str, meaning: str) -> None:
    assert intent(said) == meaning


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        ("Je voudrais prendre un rendez-vous svp", "appointment"),
        ("je souhaite réserver un coaching", "appointment"),
        ("bghit nakhod rdv 3afak", "appointment"),
        ("بغيت ناخد موعد", "appointment"),
        ("أريد موعدا من فضلكم", "appointment"),
        ("I'd like to book a session", "appointment"),
        ("je veux voir mes rendez-vous", "my_bookings"),
        ("je veux déplacer mon rdv", "move"),
        ("je veux candidater", "apply"),
        ("bghit ncandidater", "apply"),
        ("أريد تقديم طلب", "apply"),
        ("I want to apply", "apply"),
        ("j'aimerais connaître vos services", "services"),
        ("je veux parler à quelqu'un", "human"),
        ("واش مشروعي مؤهل؟", "eligible"),
        ("je veux savoir si je suis éligible", "eligible"),
        ("بغيت نهضر مع شي حد", "human"),
        ("je veux une salle", None),
        ("je veux ouvrir un restaurant", None),
        ("je veux oui", None),
        ("je veux", None),
    ],
)
def test_a_wish_in_a_sentence_is_understood_and_is_never_an_order_inside_an_answer(
    said: str, meaning: str | None
) -> None:
    assert wish(said) == meaning
    assert meaning is None or intent(said) in (None, meaning)
