"""The words people type for what they mean: French and SMS, Darija in Latin letters, Arabic script, English.

Variants stand between ` · `. An entry counts only as the whole message; what a word means inside an answer is
decided by the question that reads it. Staff report new variants from the log of what was not understood.
"""

from __future__ import annotations

WRITTEN: dict[str, str] = {
    "yes": """
        oui · ui · wi · oué · ouais · ouep · yep · d'accord · dac · dacc · dakor · dacodac · ok · okk · okey · okay · oki · c bon · cbon · c'est bon · bien sûr · bsr oui · exact · parfait · volontiers · pas de problème · pas de souci
        نعم · آه · اه · أه · إيه · ايه · إييه · واه · وااه · واخا · وخا · موافق · موافقة · أوافق · حسنا · حسنًا · طيب · تمام · أكيد · مزيان · معلوم · ماشي مشكل · ما كاين مشكل · بكل سرور · 👍 · ✅ · 👌
        je suis d'accord · oui d'accord · oui bien sûr · yes of course · نعم أكيد
        yes · yeah · yup · yea · y · sure · of course · alright · fine
    """,
    "no": """
        non · nn · nan · nop · pas d'accord · non merci · pas du tout · jamais · ms non
        لا · لالا · لا لا · لأ · كلا · لا شكرا · ما بغيتش · مابغيتش · غير موافق · غير موافقة · لا أوافق · 👎 · ❌
        no · nope · nah · no thanks · n
    """,
    "next": """
        suivant · suiv · continuer · on continue
        التالي · متابعة · تابع · كمل · نكملو · زيد · يلاه
        next · continue · go on
    """,
    "back": """
        retour · rtr · revenir en arrière · précédent · prec · revenir · arrière
        رجوع · ارجع · رجع · نرجع · السابق · عودة · لور · اللور
        back · go back · previous · prev
    """,
    "skip": """
        passer · sauter · ignorer · pas maintenant · plus tard · + tard · plutard · après
        تخطي · تخطٍّ · تجاوز · دوز · فوت · خليها · من بعد · لاحقا · مازال
        skip · later · not now · pass
    """,
    "edit": """
        modifier · modif · changer · corriger · rectifier
        تعديل · تغيير · بدل · نبدل · صحح · تصحيح · قاد
        edit · change · modify · correct
    """,
    "confirm": """
        confirmer · je confirme · confirmé · valider · envoyer · c validé
        تأكيد · أؤكد · نأكد · إرسال · صيفط · صيفطو
        confirm · i confirm · submit · send
    """,
    "cancel": """
        annuler · annule · anuler · annulé · laisse tomber
        إلغاء · الغاء · ألغي · لغي · نلغي · حيد · بطل
        cancel · abort · never mind
    """,
    "done": """
        terminé · terminer · fini · c'est tout · c tout · j'ai fini · voilà
        انتهيت · إنهاء · هذا كل شيء · هذا كل ما عندي · سالينا · صافي · كملت
        done · finish · finished · that's all · that is all
    """,
    "restart": """
        recommencer · recommence · reprendre à zéro · reset
        البدء من جديد · من جديد · من الأول · عاود · نعاود
        restart · start over · again
    """,
    "menu": """
        menu · accueil · sommaire · début · liste
        القائمة · قائمة · اللائحة · الرئيسية · البداية · مينيو
        menu · home · start · /start · main menu
    """,
    "help": """
        aide · aidez-moi · aidez moi · help · sos · comment faire · comment ça marche · ? · ??
        مساعدة · المساعدة · عاونوني · عاوني · كيفاش · كيفاش ندير · شنو ندير · أحتاج مساعدة · ساعدوني
        help me · how does it work · how
    """,
    "not_understood": """
        pas compris · j'ai pas compris · g pa compri · jcp · hein · quoi
        ما فهمتش · مافهمتش · لم أفهم · شنو · أشنو · ماذا
        i don't understand · what · huh
    """,
    "human": """
        conseiller · équipe · l'équipe · parler à l'équipe · un humain · agent · parler à quelqu'un · responsable · appelez-moi
        الفريق · موظف · مستشار · مسؤول · بغيت نهضر مع شي واحد · التحدث مع شخص · عيطو ليا · التحدث مع الفريق
        human · team · the team · talk to the team · agent please · talk to someone · call me
        quelqu'un · parler à une personne · parler avec l'équipe · parler avec quelqu'un · une personne · contacter l'équipe
        نهضر مع شي حد · نتكلم مع شي حد · شي واحد · شخص · التواصل مع الفريق
        someone · a person · talk to a person · speak to someone · contact the team
    """,
    "stop": """
        stop · arrêter · arrêtez · désabonner · désabonnement · désinscrire
        توقف · أوقف · وقفو · حبس · بركا · إلغاء الاشتراك · ما تصيفطوش
        unsubscribe · opt out
    """,
    "news_on": """
        annonces · abonner · m'abonner · réactiver
        إعلانات · اشتراك · إعادة التفعيل
        news · subscribe
    """,
    "my_data": """
        mes données · mes donnees · supprimer mes données · vie privée
        معطياتي · بياناتي · المعلومات ديالي · حذف معطياتي
        my data · delete my data · privacy
    """,
    "link": """
        lier · lier mes applications · associer · associer whatsapp · associer telegram · mes applications
        ربط · اربط · ربط واتساب · ربط تيليغرام · ربط التطبيقات · تطبيقاتي
        link · my apps · link whatsapp · link telegram · link my apps
    """,
    "greeting": """
        bonjour · bjr · bnjr · slt · salut · bonsoir · bsr · cc · coucou · re
        سلام · السلام عليكم · السلام · أهلا · مرحبا · صباح الخير · مساء الخير · ⴰⵣⵓⵍ
        hi · hello · hey · good morning
    """,
    "thanks": """
        merci · mrc · mci · mrci · merci bcp · merci beaucoup
        شكرا · شكرًا · شكرا جزيلا · الله يخليك · بارك الله فيك · الله يحفظك
        thanks · thank you · thx · ty
    """,
    "bye": """
        au revoir · a+ · à + · bonne journée · ciao
        بسلامة · مع السلامة · إلى اللقاء · وداعا · وداعًا · تهلا
        bye · goodbye · see you
    """,
    "language": """
        langue · langues · la langue · changer de langue · changer la langue
        اللغة · لغة · اللغات · تغيير اللغة · بدل اللغة
        language · languages · change language
    """,
    "lang_fr": """
        français · francais · fr · fra · frs · en français
        فرنسية · الفرنسية · بالفرنسية · فرنساوية · فرونسي
        french
    """,
    "lang_ar": """
        arabe · ar · en arabe
        عربية · العربية · بالعربية · عربي · الدارجة · دارجة · بالدارجة · مغربية
        arabic · moroccan
    """,
    "lang_en": """
        anglais · ang · en anglais
        إنجليزية · انجليزية · الإنجليزية · بالإنجليزية · نكليزية
        english · eng · en
    """,
    "lang_other": """
        tamazight · amazigh · rifain · espagnol
        أمازيغية · الأمازيغية · الريفية · تاريفيت · ⵜⴰⵎⴰⵣⵉⵖⵜ · إسبانية
        berber · spanish
    """,
    "appointment": """
        rdv · rdvs · rv · rendez-vous · rendez vous · rendezvous · rdez vous · prendre rdv · réserver
        موعد · الموعد · رونديفو · رنديفو · حجز · حجز موعد · بغيت موعد · نحجز
        appointment · appt · meeting · book · booking
        prendre rendez-vous · un rendez-vous · rendez-vous avec un coach · séance · une séance · séance de coaching · réserver une séance · réserver un coaching
        ناخد موعد · حجز حصة · حصة تأطير · حصة · موعدا · موعد مع مؤطر
        book a session · session · coaching session · nakhod rdv · rdv m3a coach
    """,
    "my_bookings": """
        mes rdv · mes rendez-vous · mes séances
        مواعيدي · المواعيد ديالي · الموعد ديالي
        my bookings · my appointments
        annuler mon rendez-vous · annuler mon rdv · annuler ma séance · mes réservations
        إلغاء موعدي · إلغاء الموعد · نلغي الموعد
        cancel my appointment · cancel my booking · cancel my session · lghi rdv
    """,
    "move": """
        déplacer · reporter · décaler · repousser · changer rdv
        تغيير الموعد · تأجيل · نأجل · أجّلو · بدل الموعد
        move · reschedule · postpone
        déplacer mon rendez-vous · déplacer mon rdv · déplacer ma séance · changer mon rendez-vous · reporter mon rendez-vous
        تغيير موعدي · تأجيل الموعد · تأجيل موعدي
        move my appointment · reschedule my session · change my appointment
    """,
    "apply": """
        postuler · candidater · inscription · m'inscrire · s'inscrire · candidature · déposer un dossier
        الترشيح · ترشيح · التسجيل · تسجيل · بغيت نسجل · بغيت ندفع الدوسي · التقديم
        apply · application · register · sign up
        déposer ma candidature · déposer une candidature · faire ma candidature · poser ma candidature · intégrer le technopark · rejoindre le technopark
        تقديم طلب · تقديم طلب الترشيح · تقديم ترشيحي · أترشح · نترشح · نتقيد · نتسجل
        apply for a place · submit an application · join the technopark · ncandidater · npostuler · nt9eyed · ntsejel
    """,
    "track": """
        suivi · mon dossier · ma candidature · où en est mon dossier
        فين وصل الملف · فين وصل الدوسي · وضعية طلبي · تتبع · ملفي
        track · my application · status
        suivre mon dossier · suivre ma candidature · où en est ma candidature · l'état de ma candidature
        تتبع طلبي · تتبع ملفي · طلبي · أين وصل طلبي
        track my application · where is my application
    """,
    "eligible": """
        éligible · éligibilité · suis-je éligible · je suis éligible · mon projet est éligible · mon projet est-il éligible · conditions · les conditions
        الشروط · الأهلية · واش يمكن ليا · واش عندي الحق · هل أنا مؤهل · هل مشروعي مؤهل · مؤهل · أنا مؤهل · مشروعي مؤهل · المشروع ديالي مؤهل · مشروعي مقبول · شروط الأهلية · شروط القبول
        eligible · am i eligible · is my project eligible · my project is eligible · requirements
    """,
    "services": """
        services · nos services · vos services · quels sont vos services · c quoi les services · c'est quoi vos services
        الخدمات · خدماتكم · ما هي خدماتكم · ما هي الخدمات · شنو الخدمات · شنو كتقدمو
        our services · your services · what are your services · what do you offer
    """,
    "price": """
        prix · tarif · tarifs · loyer · cb · combien · c combien
        شحال · بشحال · الثمن · ثمن الكراء · الكراء · كم الثمن
        price · how much · rent · cost
    """,
    "where": """
        où · ou etes vous · adresse · localisation · lieu
        فين · فين كاين · فين جيتو · أين · العنوان · البلاصة
        where · address · location
    """,
    "hours": """
        horaires · horaire · ouvert · vous ouvrez quand
        فوقاش · وقتاش · إمتى · متى · أوقات العمل · محلولين
        hours · opening hours · when
    """,
    "office": """
        bureau · bureaux · local · coworking · hébergement
        مكتب · مكاتب · بيرو · محل · فضاء · الإيواء
        office · desk · workspace
    """,
    "funding": """
        financement · financer · crédit · prêt · subvention · argent
        تمويل · التمويل · فلوس · الفلوس · قرض · الكريدي · دعم
        funding · money · loan · grant
    """,
    "coach": """
        coach · coaching · accompagnement · conseil
        مواكبة · المواكبة · تأطير · كوتش · مؤطر · مؤطرة
        coach me · mentor · advice
    """,
    "onsite": """
        sur place · présentiel · en présentiel
        حضوري · حضوريا · حضوريًا · نجي
        on site · in person
    """,
    "online": """
        en ligne · à distance · visio · zoom · meet · whatsapp
        عن بعد · عن بُعد · أونلاين · فالتيليفون
        online · remote · video
    """,
}

DARIJA: dict[str, str] = {
    "yes": """
        wah · waah · wa7 · ah · aah · ih · iyeh · iyah · eyeh · iwa ah · n3am · na3am · naam · wakha · waxa · wa5a · ouakha · mezyan · mzyan · tafe9na · ma3loum · akid · machi mochkil · ma kayn mochkil · hanya
    """,
    "no": """
        la · laa · lala · lla · la la · la chokran · mabghitch · ma bghitch · mab4itch · ma britch · machi · la safi
    """,
    "next": """
        kemmel · kemel · nkemlo · zid · yallah
    """,
    "back": """
        rje3 · rja3 · rj3 · nrje3 · rje3 lour · lour · lor · lwra
    """,
    "skip": """
        douz · dowz · fout · khelliha · mn b3d · men be3d · mnb3d · mazal
    """,
    "edit": """
        beddel · bedel · nbeddel · bdl · 9ad · sa77e7 · sahe7
    """,
    "confirm": """
        nakked · n2akked · confirmi · sift · sifto · valida
    """,
    "cancel": """
        lghi · elghi · lghih · nelghi · 7eyed · 7ayed · batel · anuli
    """,
    "done": """
        salit · salina · safi · hadchi li kayn · kmelt
    """,
    "restart": """
        3awed · n3awed · 3awd mn lewel · mn lewel · mn jdid
    """,
    "menu": """
        lmenu · menou · l9ayma · la7a · lebdaya
    """,
    "help": """
        3awenni · 3awnouni · 3aweni · mosa3ada · moussa3ada · kifach · kifash · chno ndir · chnou ndir
    """,
    "not_understood": """
        mafhemtch · ma fhemtch · mafhamtch · mafhmtch · chno · chnou · achno
    """,
    "human": """
        bghit nhder m3a chi wa7ed · bghit nahder m3akom · chi wa7ed · mas2oul · 3eyto liya
    """,
    "stop": """
        7bes · 7besso · wa9ef · we9fo · baraka · ma tsiftouch
    """,
    "news_on": """
        nchterek · chterek · i3lanat
    """,
    "my_data": """
        ma3loumati · lma3loumat dyali · mse7 lma3loumat dyali
    """,
    "link": """
        rbet · rbet whatsapp · rbet telegram · zid whatsapp
    """,
    "greeting": """
        salam · slm · salam 3likom · salamo 3alaykom · slm 3likom · ahlan · sba7 lkhir · msa lkhir · azul
    """,
    "thanks": """
        chokran · choukran · chkran · lah ykhlik · lah y7efdek · barak lah fik · bark lah fik · tbarkllah
    """,
    "bye": """
        bslama · beslama · thella · nhar zwin
    """,
    "language": """
        lougha · llougha · lloura · beddel lougha · bedel llougha
    """,
    "lang_fr": """
        fransawi · faransiya · lfransawiya · b lfrancais · fronssi
    """,
    "lang_ar": """
        3arbiya · l3arbiya · 3arabiya · bl3arbiya · 3arbi · darija · derja · ddarija · bddarija
    """,
    "lang_en": """
        ingliziya · nglizia · inglizia · lingliziya · englizi
    """,
    "lang_other": """
        tarifit · tmazight · chel7a · sbanyoliya
    """,
    "appointment": """
        mou3id · maw3id · mo3id · maou3id · randivou · rondivou · rendivou · bghit rdv · n7jez · 7jez
    """,
    "my_bookings": """
        lmawa3id dyali · mawa3idi · rdv dyali
    """,
    "move": """
        n2ejjel · ajjel · beddel rdv · n7awel lmaw3id
    """,
    "apply": """
        bghit nsejjel · nsejel · tsjil · n9eyed · bghit net9eyed · bghit ndefe3 dossier
    """,
    "track": """
        fin wsel dossier · fin wsel lmilaf · dossier dyali · chno tra f dossier
    """,
    "eligible": """
        wach ymken lia · wach 3endi l7e9 · chorout · chnouma chorout · wach n9der nkhdem m3akom · bghit nchof wach n9der nkhdem m3akom
    """,
    "services": """
        chno lkhadamat · chno kat9edmo · achno kat9edmo
    """,
    "price": """
        chhal · ch7al · bch7al · bchhal · taman · taman lkra · lkra
    """,
    "where": """
        fin · fin kayn · fin jitou · l3onwan · lblasa
    """,
    "hours": """
        fou9ach · fo9ach · imta · weqtach · wa9tach · mhlolin
    """,
    "office": """
        bghit biro · biro · lbiro · blasa · ma7al
    """,
    "funding": """
        tamwil · flous · lflous · 9ard · lkridi · da3m
    """,
    "coach": """
        mouakaba · mowakaba · mouwakaba · ta2tir · koutch
    """,
    "onsite": """
        7odouri · nji · nji l technopark
    """,
    "online": """
        3an bo3d · online · f telephone
    """,
}

TIMES: dict[str, str] = {
    "before_yesterday": """
        avant-hier · wlbare7 · أول أمس · أول البارح · day before yesterday
    """,
    "yesterday": """
        hier · lbare7 · lbar7 · lbareh · أمس · البارح · البارحة · yesterday
    """,
    "today": """
        aujourd'hui · ajd · auj · aujourdhui · ojourd8 · ajrd8
        lyoum · lyom · liom · lyouma · lioma · had nhar · nhar lyoum
        اليوم · ليوم · ليوما · اليوما · هاد النهار · هذا اليوم
        today · tdy
    """,
    "tomorrow": """
        demain · dmn · 2main · dem1 · dm1 · demin
        ghda · ghdda · ghedda · ghadda · 4da · 8da · ghodwa · ghedwa · ghoudwa
        غدا · غدًا · غدّا · غدوة · يوم غد · الغد
        tomorrow · tmrw · tmr · tomorow
    """,
    "day_after": """
        après-demain · apres demain · ap dem · apdm1
        b3d ghdda · ba3d ghedda · be3d ghdda · mor ghedda · mour ghda
        بعد غد · بعد غدا · بعد غدًا · مور غدا
        day after tomorrow
    """,
    "now": """
        maintenant · mtn · mnt · mnte · tout de suite · tt de suite
        daba · dork · drok · drouk · dok · daba daba
        دابا · درك · دروك · دوك · الآن · حالا
        now · right now · asap
    """,
    "this_week": """
        cette semaine · cet sem · la semaine
        had simana · fhad simana · had l2osbo3
        هاد السيمانة · هذا الأسبوع · هاد الأسبوع
        this week
    """,
    "next_week": """
        semaine prochaine · sem pro · la semaine pro
        simana jaya · simana lmajya · simana li jaya
        السيمانة الجاية · الأسبوع المقبل · الأسبوع القادم
        next week
    """,
    "morning": """
        matin · mat1 · le matin · ce matin
        sba7 · sbah · f sba7 · bekri
        الصباح · صباحا · صباحًا · فالصباح · بكري
        morning · am
    """,
    "afternoon": """
        après-midi · aprem · aprm · apm
        l3chiya · 3chiya · la3chiya · mora lghda
        بعد الزوال · العشية · عشية · مورا الغدا
        afternoon · pm
    """,
    "evening": """
        soir · ce soir · le soir
        lil · f lil · had lila
        المساء · مساء · مساءً · الليل · هاد الليلة
        evening · tonight
    """,
}

# numbers as words; "first" and "last" belong to the list on the screen, not here
NUMBERS: dict[int, str] = {
    0: "sifr · zero · ziro · صفر · zéro · zero",
    1: "wahd · wa7d · wa7ed · wahed · واحد · وحدة · un · une · one",
    2: "jouj · joj · zouj · zoudj · جوج · زوج · اثنان · deux · two",
    3: "tlata · tleta · تلاتة · ثلاثة · trois · three",
    4: "rb3a · reb3a · rab3a · arb3a · ربعة · أربعة · quatre · four",
    5: "khmsa · 5msa · khamsa · خمسة · cinq · five",
    6: "stta · setta · seta · ستة · six · six",
    7: "sb3a · seb3a · sab3a · سبعة · sept · seven",
    8: "tmnia · tmenya · tmanya · تمنية · ثمانية · huit · eight",
    9: "ts3oud · tes3oud · ts3a · تسعود · تسعة · neuf · nine",
    10: "3chra · 3echra · 3achra · عشرة · dix · ten",
    11: "7dach · hdach · حداش · أحد عشر · onze · eleven",
    12: "tnach · tnaach · طناش · اثنا عشر · douze · twelve",
    13: "telttach · teltach · تلطاش · ثلاثة عشر · treize · thirteen",
    14: "rb3tach · rbe3tach · ربعطاش · أربعة عشر · quatorze · fourteen",
    15: "khmstach · 5mstach · خمسطاش · خمسة عشر · quinze · fifteen",
    16: "sttach · settach · سطاش · ستة عشر · seize · sixteen",
    17: "sb3tach · sbe3tach · سبعطاش · سبعة عشر · dix-sept · seventeen",
    18: "tmntach · tmentach · تمنطاش · ثمانية عشر · dix-huit · eighteen",
    19: "ts3tach · tse3tach · تسعطاش · تسعة عشر · dix-neuf · nineteen",
    20: "3chrin · 3echrin · عشرين · عشرون · vingt · twenty",
    30: "tlatin · تلاتين · ثلاثون · trente · thirty",
    40: "rb3in · reb3in · arb3in · ربعين · أربعون · أربعين · quarante · forty",
    50: "khmsin · khamsin · خمسين · خمسون · cinquante · fifty",
    60: "sttin · settin · ستين · ستون · soixante · sixty",
    70: "sb3in · seb3in · سبعين · سبعون · soixante-dix · seventy",
    80: "tmanin · تمانين · ثمانون · ثمانين · quatre-vingts · quatre-vingt · eighty",
    90: "ts3in · tes3in · تسعين · تسعون · quatre-vingt-dix · ninety",
    100: "mia · mya · مية · مئة · مائة · cent · cents · hundred",
}
# what coaches say of their hours
CLOSE = "fermer · fermé · fermée · ferme · absent · absente · congé · pas disponible · indisponible · off · closed · close · away · msdoud · sedd · sed · ghayeb · makaynch · مغلق · إغلاق · أغلق · غائب · غائبة · غياب · عطلة · غير متاح · غير متاحة"
OPEN = "ouvrir · ouvert · ouverte · ouvre · disponible · open · available · 7al · m7loul · مفتوح · فتح · متاح · متاحة"
ONLINE = "en ligne · online · à distance · visio · zoom · meet · عن بعد · عن بُعد · على الخط"
ON_SITE = "sur place · on site · au technopark · présentiel · en présentiel · حضوريا · حضوريًا · حضوري"
BOTH_PLACES = "sur place ou en ligne · on site or online · حضوريًا أو عن بُعد · حضوريا أو عن بعد"

# hours as Arabic names them: «على الساعة العاشرة»
HOURS: dict[int, str] = {
    1: "الواحدة",
    2: "الثانية",
    3: "الثالثة",
    4: "الرابعة",
    5: "الخامسة",
    6: "السادسة",
    7: "السابعة",
    8: "الثامنة",
    9: "التاسعة",
    10: "العاشرة",
    11: "الحادية عشرة",
    12: "الثانية عشرة",
}
FIRST = "premier · première · le premier · la première · 1er · 1re · first · the first · the first one · lwel · lowel · الأول · الأولى · اللول"
LAST = "dernier · dernière · le dernier · la dernière · last · the last · the last one · lekher · lkher · الأخير · الأخيرة · اللخر"

# good evening, or of course: a yes only where one is asked for
MAYBE_YES = "bsr"

# words of courtesy that may stand before or after an answer
COURTESIES = """
    svp · stp · s'il vous plaît · s'il te plaît · sil vous plait · merci · merci beaucoup · please · pls · thanks
    3afak · 3afakom · lah ykhlik · chokran · من فضلك · من فضلكم · عافاك · عافاكم · الله يخليك · شكرا · المرجو
    inchallah · nchallah · inch'allah · in cha allah · إن شاء الله
"""

# a yes to go ahead, besides those that answer any question
GO_ON = "bien sûr que oui · ah oui · allez y · allez-y · vas y · vas-y · go · go ahead · je le prends · je la prends · je prends · ça me va · ca me va · do it · i take it · i'll take it · sir · siri · yallah · nakhdo · nakhodo · نعم تفضلوا · تفضل · تفضلوا · سير · ناخدو · آخذه"

# agreeing in so many words, as consent under law 09-08 needs it
AGREEMENT = """
    j'accepte · je suis d'accord · je consens · je donne mon accord · i agree · i accept · i consent · i do agree
    أوافق · موافق · موافقة · أنا موافق · أنا موافقة · أقبل · قابل · قبلت · نوافق · كنوافق
    mwafe9 · mwaf9 · mwafeq · mouwafi9 · nwafe9 · kanwafe9 · ana mwafe9 · mwaf9a · kan9bel · ana 9abel
"""

# small words that may stand in a yes, and change nothing
SMALL = """
    je · j · moi · on · nous · vous · le · la · les · l · y · lui · en · ça · ca · cela · bien · donc · alors · tout · de suite · veux · voudrais · à · ma · mon · mes · ce · cette · suis
    i · we · you · it · them · that · this · my · the · please · do · want · to
    ana · hna · rani · bghit · dyali · hadi · hada · lia · أنا · نحن · بغيت · ديالي · هذا · هذه · هادي · هاد · لي · ليا · يا
"""

# how a wish begins, and the small words before what is wished for
WISHES = """
    je veux · je voudrais · j'aimerais · je souhaite · je souhaiterais · j'ai besoin de · j'ai besoin d'un · j'ai besoin d'une · je cherche · je peux · puis-je · est-ce que je peux · est ce que · savoir si · on veut · nous voulons · nous souhaitons · je viens pour · c'est pour
    prendre · avoir · obtenir · demander · réserver · faire · voir · consulter · connaître · savoir · découvrir · poser · déposer · envoyer · rencontrer
    un · une · le · la · les · mon · ma · mes · votre · vos · du · des · de · pour · avec
    أريد · أريد أن · أود · أود أن · أرغب في · نريد · هل يمكنني · هل · واش · ممكن · أبحث عن · بغيت · بغينا · واش ممكن · واش نقدر · خاصني · محتاج · باغي · باغية
    ناخد · نأخذ · آخذ · ندير · نشوف · نعرف · أعرف · معرفة · أرى · نحجز · أحجز · حجز · طلب · تقديم · أقدم · نقدم · نصيفط · شي · لي · ليا
    bghit · bghyt · bghina · baghi · baghia · khassni · momkin · wach · wach momkin · wach n9der · n9der · nakhod · nakhoud · nakhd · ndir · nchof · nchouf · n3ref · na3ref · chi · wa7ed · lia · m3a
    i want · i want to · i would like · i would like to · i'd like · i'd like to · i need · i need to · can i · could i · may i · we want · we want to · we would like to · looking for
    get · have · make · book · take · see · know · know about · know more about · send · ask for · talk about · a · an · the · my · your · some · to · for · about
"""

# how Darija is written in Latin letters and figures: each spelling becomes one (applied in this order)
SOUNDS = (
    ("ouakh", "wakh"),
    ("kh", "5"),
    ("gh", "4"),
    ("ch", "sh"),
    ("sh", "$"),
    ("x", "5"),
    ("ou", "w"),
    ("oo", "w"),
    ("u", "w"),
    ("o", "w"),
    ("h", "7"),
    ("q", "9"),
    ("k", "9"),
    ("'", ""),
    ("2", ""),
)

INTENTS: dict[str, str] = {meaning: words + DARIJA[meaning] for meaning, words in WRITTEN.items()}

# days and months as they are written here; numbers count from Monday = 0 and from January = 1. Not here: "jam3a",
# which is Friday, university or association
WEEKDAYS = (
    "lundi · lun · monday · mon · tnin · ltnin · ttnin · الاثنين · لتنين · الإثنين · اثنين",
    "mardi · mar · tuesday · tue · tlat · ltlat · الثلاثاء · التلات · ثلاثاء",
    "mercredi · mer · wednesday · wed · larb3 · larb3a · larba3 · larbe3 · الأربعاء · لاربع · أربعاء",
    "jeudi · jeu · thursday · thu · khmis · lkhmis · l5miss · lekhmis · الخميس · لخميس · خميس",
    "vendredi · ven · friday · fri · jm3a · jem3a · jjm3a · الجمعة · جمعة",
    "samedi · sam · saturday · sat · sbt · ssebt · sabt · السبت · سبت",
    "dimanche · dim · sunday · sun · l7d · l7ed · l7add · الأحد · الحد · أحد",
)
MONTHS = (
    "janvier · janv · jan · january · يناير · جانفي",
    "février · fevrier · fév · fev · february · feb · فبراير · فيفري",
    "mars · march · مارس",
    "avril · avr · april · apr · أبريل · ابريل · أفريل",
    "mai · may · ماي · مايو",
    "juin · june · jun · يونيو · جوان",
    "juillet · juil · july · jul · يوليوز · يوليو · جويلية",
    "août · aout · august · aug · غشت · أغسطس · أوت",
    "septembre · sept · sep · september · شتنبر · سبتمبر",
    "octobre · oct · october · أكتوبر · اكتوبر",
    "novembre · nov · november · نونبر · نوفمبر",
    "décembre · decembre · déc · dec · december · دجنبر · ديسمبر",
)
MONTH = "chhar · ch8er · chher · شهر · mois · month"  # what stands before the number of a month: "chhar 3" is March
FIRST_OF_MONTH = "premier · 1er · first · فاتح"  # «فاتح ماي» is the first of May
