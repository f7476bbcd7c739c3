BEGIN TRANSACTION;
CREATE TABLE addresses (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	channel VARCHAR(16) NOT NULL, 
	address VARCHAR(200) NOT NULL, 
	used_at DATETIME NOT NULL, 
	gone VARCHAR(40) NOT NULL, user_id VARCHAR(160), heard_at DATETIME, chosen BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_addresses PRIMARY KEY (id), 
	CONSTRAINT fk_addresses_person_id FOREIGN KEY(person_id) REFERENCES people (id) ON DELETE CASCADE, 
	CONSTRAINT uq_addresses_address_channel UNIQUE (address, channel)
);
INSERT INTO "addresses" VALUES(1,1,'paper','karim','2026-11-23 09:00:20.000000','',NULL,NULL,0);
INSERT INTO "addresses" VALUES(2,2,'paper','yassine','2026-11-23 09:00:00.000000','',NULL,NULL,0);
INSERT INTO "addresses" VALUES(3,3,'paper','salma','2026-11-23 09:00:00.000000','',NULL,NULL,0);
INSERT INTO "addresses" VALUES(4,4,'paper','amina','2026-11-23 09:04:00.000000','',NULL,NULL,0);
INSERT INTO "addresses" VALUES(5,5,'paper','driss','2026-11-23 09:05:00.000000','',NULL,NULL,0);
INSERT INTO "addresses" VALUES(6,6,'paper','leila','2026-11-23 09:06:00.000000','',NULL,NULL,0);
INSERT INTO "addresses" VALUES(7,7,'paper','hind','2026-11-23 09:07:00.000000','',NULL,NULL,0);
INSERT INTO "addresses" VALUES(8,8,'paper','zineb','2026-11-23 09:08:00.000000','',NULL,NULL,0);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0008');
CREATE TABLE applications (
	id INTEGER NOT NULL, 
	person_id INTEGER, 
	programme VARCHAR(60) NOT NULL, 
	reference VARCHAR(20) NOT NULL, 
	applicant VARCHAR(20) NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	answers JSON NOT NULL, 
	submitted_at DATETIME NOT NULL, 
	changed_at DATETIME NOT NULL, 
	promised_on DATE NOT NULL, words TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_applications PRIMARY KEY (id), 
	CONSTRAINT uq_applications_reference UNIQUE (reference)
);
INSERT INTO "applications" VALUES(1,3,'technopark-oujda','OUJ-2026-0001','project_holder','missing_docs','{"project_name":"Solar Souk 2","full_name":"Salma Benali","sector":["it"],"market":"La médina."}','2026-11-23 09:00:00.000000','2026-11-23 09:12:00.000000','2026-12-07','');
CREATE TABLE audit (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	actor_id INTEGER, 
	action VARCHAR(40) NOT NULL, 
	subject VARCHAR(60) NOT NULL, 
	"before" JSON, 
	"after" JSON, 
	CONSTRAINT pk_audit PRIMARY KEY (id)
);
INSERT INTO "audit" VALUES(1,'2026-11-23 09:00:00.000000',NULL,'role granted','person:1','["founder"]','["founder","staff"]');
INSERT INTO "audit" VALUES(2,'2026-11-23 09:00:00.000000',NULL,'role granted','person:2','["founder"]','["founder","coach"]');
INSERT INTO "audit" VALUES(3,'2026-11-23 09:00:00.000000',NULL,'coach added','person:2','null','{"name":"Yassine","topics":["legal","pitch"]}');
INSERT INTO "audit" VALUES(4,'2026-11-23 09:00:00.000000',3,'application submitted','application:1','null','"OUJ-2026-0001"');
INSERT INTO "audit" VALUES(5,'2026-11-23 09:03:00.000000',1,'changes asked','application:1','null','["market"]');
INSERT INTO "audit" VALUES(6,'2026-11-23 09:03:00.000000',1,'status changed','application:1','"submitted"','"missing_docs"');
INSERT INTO "audit" VALUES(7,'2026-11-23 09:12:00.000000',8,'session booked','booking:1','null','null');
INSERT INTO "audit" VALUES(8,'2026-11-23 09:12:00.000000',3,'answer changed: project_name','application:1','"Solar Souk"','"Solar Souk 2"');
CREATE TABLE bookings (
	id INTEGER NOT NULL, 
	coach_id INTEGER, 
	founder_id INTEGER, 
	topic VARCHAR(20) NOT NULL, 
	place VARCHAR(8) NOT NULL, 
	wall VARCHAR(16) NOT NULL, 
	zone VARCHAR(40) NOT NULL, 
	starts_at DATETIME NOT NULL, 
	ends_at DATETIME NOT NULL, 
	free_at DATETIME NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	sure BOOLEAN NOT NULL, 
	goal TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	notes TEXT NOT NULL, 
	steps TEXT NOT NULL, 
	rating INTEGER, 
	feedback TEXT NOT NULL, 
	changes INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	changed_at DATETIME NOT NULL, files JSON DEFAULT '[]' NOT NULL, 
	CONSTRAINT pk_bookings PRIMARY KEY (id)
);
INSERT INTO "bookings" VALUES(1,2,8,'legal','site','2026-11-26T10:00','Africa/Casablanca','2026-11-26 10:00:00.000000','2026-11-26 10:45:00.000000','2026-11-26 11:00:00.000000','confirmed',0,'','','','',NULL,'',0,'2026-11-23 09:12:00.000000','2026-11-23 09:12:00.000000','[]');
CREATE TABLE broadcasts (
	id INTEGER NOT NULL, 
	author_id INTEGER, 
	approver_id INTEGER, 
	state VARCHAR(10) NOT NULL, 
	topic VARCHAR(20) NOT NULL, 
	bodies JSON NOT NULL, 
	audience JSON NOT NULL, 
	size INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	send_at DATETIME NOT NULL, 
	started_at DATETIME, 
	ended_at DATETIME, 
	CONSTRAINT pk_broadcasts PRIMARY KEY (id)
);
CREATE TABLE coaches (
	person_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	topics JSON NOT NULL, 
	languages JSON NOT NULL, 
	link TEXT NOT NULL, 
	per_week INTEGER NOT NULL, 
	feed VARCHAR(64) NOT NULL, 
	away BOOLEAN NOT NULL, 
	CONSTRAINT pk_coaches PRIMARY KEY (person_id), 
	CONSTRAINT fk_coaches_person_id FOREIGN KEY(person_id) REFERENCES people (id) ON DELETE CASCADE, 
	CONSTRAINT uq_coaches_feed UNIQUE (feed)
);
INSERT INTO "coaches" VALUES(2,'Yassine','["legal","pitch"]','[]','',0,'hsnC978F2QkKHc_F5wYgX5CEHvEOazag',0);
CREATE TABLE "consents" (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	purpose VARCHAR(24) NOT NULL, 
	granted BOOLEAN NOT NULL, 
	version VARCHAR(40) NOT NULL, 
	language VARCHAR(8) NOT NULL, 
	channel VARCHAR(16) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_consents PRIMARY KEY (id), 
	CONSTRAINT fk_consents_person_id FOREIGN KEY(person_id) REFERENCES people (id) ON DELETE CASCADE
);
INSERT INTO "consents" VALUES(1,1,'data',1,'2026-11','fr','paper','2026-11-23 09:01:00.000000');
INSERT INTO "consents" VALUES(2,4,'data',1,'2026-11','fr','paper','2026-11-23 09:04:40.000000');
INSERT INTO "consents" VALUES(3,5,'data',1,'2026-11','ar','paper','2026-11-23 09:05:40.000000');
INSERT INTO "consents" VALUES(4,6,'data',1,'2026-11','fr','paper','2026-11-23 09:06:40.000000');
INSERT INTO "consents" VALUES(5,7,'data',1,'2026-11','fr','paper','2026-11-23 09:07:40.000000');
INSERT INTO "consents" VALUES(6,8,'data',1,'2026-11','fr','paper','2026-11-23 09:08:40.000000');
CREATE TABLE counters (
	name VARCHAR(60) NOT NULL, 
	value BIGINT NOT NULL, 
	CONSTRAINT pk_counters PRIMARY KEY (name)
);
INSERT INTO "counters" VALUES('OUJ-2026',1);
CREATE TABLE days (
	id INTEGER NOT NULL, 
	coach_id INTEGER, 
	day DATE NOT NULL, 
	start INTEGER, 
	"end" INTEGER, 
	place VARCHAR(8) NOT NULL, 
	CONSTRAINT pk_days PRIMARY KEY (id), 
	CONSTRAINT fk_days_coach_id FOREIGN KEY(coach_id) REFERENCES coaches (person_id) ON DELETE CASCADE
);
CREATE TABLE decisions (
	application_id INTEGER NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	note TEXT NOT NULL, 
	"by" INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_decisions PRIMARY KEY (application_id), 
	CONSTRAINT fk_decisions_application_id FOREIGN KEY(application_id) REFERENCES applications (id) ON DELETE CASCADE
);
CREATE TABLE documents (
	application_id INTEGER NOT NULL, 
	file_id VARCHAR(40) NOT NULL, 
	document VARCHAR(20) NOT NULL, 
	CONSTRAINT pk_documents PRIMARY KEY (application_id, file_id, document), 
	CONSTRAINT fk_documents_application_id FOREIGN KEY(application_id) REFERENCES applications (id) ON DELETE CASCADE, 
	CONSTRAINT fk_documents_file_id FOREIGN KEY(file_id) REFERENCES files (id) ON DELETE CASCADE
);
CREATE TABLE files (
	id VARCHAR(40) NOT NULL, 
	person_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	kind VARCHAR(100) NOT NULL, 
	size INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_files PRIMARY KEY (id), 
	CONSTRAINT fk_files_person_id FOREIGN KEY(person_id) REFERENCES people (id) ON DELETE CASCADE
);
CREATE TABLE handoffs (
	id INTEGER NOT NULL, 
	person_id INTEGER, 
	opened_at DATETIME NOT NULL, 
	answered_at DATETIME, 
	answered_by INTEGER, 
	closed_at DATETIME, taken_by INTEGER, alerted_at DATETIME, 
	CONSTRAINT pk_handoffs PRIMARY KEY (id)
);
INSERT INTO "handoffs" VALUES(1,7,'2026-11-23 09:11:00.000000',NULL,NULL,NULL,NULL,NULL);
CREATE TABLE hours (
	id INTEGER NOT NULL, 
	coach_id INTEGER NOT NULL, 
	weekday INTEGER NOT NULL, 
	start INTEGER NOT NULL, 
	"end" INTEGER NOT NULL, 
	place VARCHAR(8) NOT NULL, 
	since DATE, 
	until DATE, 
	CONSTRAINT pk_hours PRIMARY KEY (id), 
	CONSTRAINT fk_hours_coach_id FOREIGN KEY(coach_id) REFERENCES coaches (person_id) ON DELETE CASCADE
);
INSERT INTO "hours" VALUES(1,2,3,540,720,'site',NULL,NULL);
INSERT INTO "hours" VALUES(2,2,1,540,720,'site',NULL,NULL);
CREATE TABLE inbox (
	channel VARCHAR(16) NOT NULL, 
	message_id VARCHAR(200) NOT NULL, 
	person_id INTEGER, 
	at DATETIME NOT NULL, 
	said TEXT NOT NULL, 
	fault VARCHAR(40) NOT NULL, 
	CONSTRAINT pk_inbox PRIMARY KEY (channel, message_id)
);
INSERT INTO "inbox" VALUES('paper','m1',1,'2026-11-23 09:00:20.000000','','');
INSERT INTO "inbox" VALUES('paper','m2',1,'2026-11-23 09:00:40.000000','','');
INSERT INTO "inbox" VALUES('paper','m3',1,'2026-11-23 09:01:00.000000','J''accepte','');
INSERT INTO "inbox" VALUES('paper','m4',1,'2026-11-23 09:01:20.000000','','');
INSERT INTO "inbox" VALUES('paper','m5',1,'2026-11-23 09:01:40.000000','','');
INSERT INTO "inbox" VALUES('paper','m6',1,'2026-11-23 09:02:00.000000','','');
INSERT INTO "inbox" VALUES('paper','m7',1,'2026-11-23 09:02:20.000000','','');
INSERT INTO "inbox" VALUES('paper','m8',1,'2026-11-23 09:02:40.000000','','');
INSERT INTO "inbox" VALUES('paper','m9',1,'2026-11-23 09:03:00.000000','','');
INSERT INTO "inbox" VALUES('paper','m10',1,'2026-11-23 09:03:20.000000','/announce','');
INSERT INTO "inbox" VALUES('paper','m11',1,'2026-11-23 09:03:40.000000','Journée portes ouvertes','');
INSERT INTO "inbox" VALUES('paper','m12',4,'2026-11-23 09:04:00.000000','','');
INSERT INTO "inbox" VALUES('paper','m13',4,'2026-11-23 09:04:20.000000','','');
INSERT INTO "inbox" VALUES('paper','m14',4,'2026-11-23 09:04:40.000000','J''accepte','');
INSERT INTO "inbox" VALUES('paper','m15',5,'2026-11-23 09:05:00.000000','','');
INSERT INTO "inbox" VALUES('paper','m16',5,'2026-11-23 09:05:20.000000','','');
INSERT INTO "inbox" VALUES('paper','m17',5,'2026-11-23 09:05:40.000000','أوافق','');
INSERT INTO "inbox" VALUES('paper','m18',6,'2026-11-23 09:06:00.000000','','');
INSERT INTO "inbox" VALUES('paper','m19',6,'2026-11-23 09:06:20.000000','','');
INSERT INTO "inbox" VALUES('paper','m20',6,'2026-11-23 09:06:40.000000','J''accepte','');
INSERT INTO "inbox" VALUES('paper','m21',7,'2026-11-23 09:07:00.000000','','');
INSERT INTO "inbox" VALUES('paper','m22',7,'2026-11-23 09:07:20.000000','','');
INSERT INTO "inbox" VALUES('paper','m23',7,'2026-11-23 09:07:40.000000','J''accepte','');
INSERT INTO "inbox" VALUES('paper','m24',8,'2026-11-23 09:08:00.000000','','');
INSERT INTO "inbox" VALUES('paper','m25',8,'2026-11-23 09:08:20.000000','','');
INSERT INTO "inbox" VALUES('paper','m26',8,'2026-11-23 09:08:40.000000','J''accepte','');
INSERT INTO "inbox" VALUES('paper','m27',4,'2026-11-23 09:09:00.000000','/apply','');
INSERT INTO "inbox" VALUES('paper','m28',4,'2026-11-23 09:09:20.000000','Auto-entrepreneur','');
INSERT INTO "inbox" VALUES('paper','m29',5,'2026-11-23 09:09:40.000000','/eligibility','');
INSERT INTO "inbox" VALUES('paper','m30',6,'2026-11-23 09:10:00.000000','/book','');
INSERT INTO "inbox" VALUES('paper','m31',6,'2026-11-23 09:10:20.000000','Juridique et création','');
INSERT INTO "inbox" VALUES('paper','m32',7,'2026-11-23 09:10:40.000000','/human','');
INSERT INTO "inbox" VALUES('paper','m33',7,'2026-11-23 09:11:00.000000','Bonjour, une question sur les bureaux','');
INSERT INTO "inbox" VALUES('paper','m34',8,'2026-11-23 09:11:20.000000','/apply','');
INSERT INTO "inbox" VALUES('paper','m35',8,'2026-11-23 09:11:40.000000','Startup ou société','');
INSERT INTO "inbox" VALUES('paper','m36',8,'2026-11-23 09:12:00.000000','/menu','');
CREATE TABLE invites (
	digest VARCHAR(64) NOT NULL, 
	role VARCHAR(20) NOT NULL, 
	"by" INTEGER NOT NULL, 
	expires_at DATETIME NOT NULL, 
	used_at DATETIME, 
	CONSTRAINT pk_invites PRIMARY KEY (digest)
);
CREATE TABLE items (
	id INTEGER NOT NULL, 
	application_id INTEGER NOT NULL, 
	item VARCHAR(60) NOT NULL, 
	note TEXT NOT NULL, 
	asked_by INTEGER, 
	asked_at DATETIME NOT NULL, 
	until DATE NOT NULL, 
	"before" JSON, 
	"after" JSON, 
	answered_at DATETIME, 
	CONSTRAINT pk_items PRIMARY KEY (id), 
	CONSTRAINT fk_items_application_id FOREIGN KEY(application_id) REFERENCES applications (id) ON DELETE CASCADE
);
INSERT INTO "items" VALUES(1,1,'market','Merci de préciser vos clients.',1,'2026-11-23 09:03:00.000000','2026-12-03','"La médina."',NULL,NULL);
CREATE TABLE links (
	digest VARCHAR(64) NOT NULL, 
	person_id INTEGER NOT NULL, 
	expires_at DATETIME NOT NULL, 
	CONSTRAINT pk_links PRIMARY KEY (digest), 
	CONSTRAINT fk_links_person_id_people FOREIGN KEY(person_id) REFERENCES people (id) ON DELETE CASCADE, 
	CONSTRAINT uq_links_person_id UNIQUE (person_id)
);
CREATE TABLE mentions (
	outbox_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	CONSTRAINT pk_mentions PRIMARY KEY (outbox_id, person_id), 
	CONSTRAINT fk_mentions_outbox_id FOREIGN KEY(outbox_id) REFERENCES outbox (id) ON DELETE CASCADE
);
INSERT INTO "mentions" VALUES(4,3);
INSERT INTO "mentions" VALUES(5,3);
INSERT INTO "mentions" VALUES(6,3);
INSERT INTO "mentions" VALUES(7,3);
INSERT INTO "mentions" VALUES(8,3);
INSERT INTO "mentions" VALUES(10,3);
INSERT INTO "mentions" VALUES(34,7);
CREATE TABLE outbox (
	id INTEGER NOT NULL, 
	person_id INTEGER, 
	channel VARCHAR(16) NOT NULL, 
	address VARCHAR(200) NOT NULL, 
	lane INTEGER NOT NULL, 
	purpose VARCHAR(80), 
	body JSON NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	reason VARCHAR(80) NOT NULL, 
	owner BIGINT NOT NULL, 
	attempts INTEGER NOT NULL, 
	parts INTEGER NOT NULL, 
	resent BOOLEAN NOT NULL, 
	platform_id VARCHAR(200) NOT NULL, 
	created_at DATETIME NOT NULL, 
	not_before DATETIME NOT NULL, 
	sent_at DATETIME, broadcast_id INTEGER, 
	CONSTRAINT pk_outbox PRIMARY KEY (id), 
	CONSTRAINT uq_outbox_purpose UNIQUE (purpose)
);
INSERT INTO "outbox" VALUES(1,1,'paper','karim',0,NULL,'{"text":"Choisissez votre langue · المرجو اختيار اللغة · Please choose your language","language":"fr","buttons":[{"label":"العربية","carries":"1.language=ar"},{"label":"Français","carries":"1.language=fr"},{"label":"English","carries":"1.language=en"}]}','sent','',0,1,1,0,'karim:1','2026-11-23 09:00:20.000000','2026-11-23 09:00:20.000000','2026-11-23 09:00:20.000000',NULL);
INSERT INTO "outbox" VALUES(2,1,'paper','karim',0,NULL,'{"text":"Bonjour et bienvenue ! Je suis Mouwakib, l''assistant numérique de Technopark Oujda. Je peux vous présenter nos services, vérifier avec vous l''éligibilité de votre projet, recueillir votre candidature et réserver une séance de coaching. Que souhaitez-vous faire ?\n\nAvant de commencer : Technopark Oujda (MITC) utilise les informations que vous nous confiez pour répondre à vos questions, étudier votre candidature et gérer vos rendez-vous, conformément à la loi n° 09-08. Vous pouvez à tout moment y accéder, les faire rectifier ou vous opposer à leur traitement en écrivant « mes données ». Êtes-vous d''accord ?","language":"fr","buttons":[{"label":"J''accepte","carries":"1.consent=agree"},{"label":"En savoir plus","carries":"1.consent=more"},{"label":"Je refuse","carries":"1.consent=refuse"},{"label":"Retour","carries":"/back","aside":true}]}','sent','',0,1,1,0,'karim:2','2026-11-23 09:00:40.000000','2026-11-23 09:00:40.000000','2026-11-23 09:00:40.000000',NULL);
INSERT INTO "outbox" VALUES(3,1,'paper','karim',0,NULL,'{"text":"Que souhaitez-vous faire ?","language":"fr","buttons":[{"label":"Nos services","carries":"/services"},{"label":"Suis-je éligible ?","carries":"/eligibility"},{"label":"Déposer ma candidature","carries":"/apply"},{"label":"Suivre ma candidature","carries":"/track"},{"label":"Réserver un coaching","carries":"/book"},{"label":"Mes rendez-vous","carries":"/bookings"},{"label":"Questions fréquentes","carries":"/faq"},{"label":"Parler à l''équipe","carries":"/human"},{"label":"Langue et données","carries":"/settings"}]}','sent','',0,1,1,0,'karim:3','2026-11-23 09:01:00.000000','2026-11-23 09:01:00.000000','2026-11-23 09:01:00.000000',NULL);
INSERT INTO "outbox" VALUES(4,1,'paper','karim',0,NULL,'{"text":"OUJ-2026-0001 : Solar Souk\nDomaine : Numérique (IT)\nReçue le lundi 23 novembre 2026, réponse promise au plus tard le lundi 7 décembre 2026\n0 évaluation sur 2\nStatut : Reçue","language":"fr","buttons":[{"label":"Lire les réponses","carries":"/file OUJ-2026-0001 answers"},{"label":"Documents","carries":"/file OUJ-2026-0001 documents"},{"label":"Noter le dossier","carries":"/file OUJ-2026-0001 score"},{"label":"Conflit d''intérêts","carries":"/file OUJ-2026-0001 conflict"},{"label":"Demander une modification","carries":"/file OUJ-2026-0001 ask"},{"label":"Préparer une décision","carries":"/file OUJ-2026-0001 decide"},{"label":"Dossier suivant","carries":"/queue"}]}','sent','',0,1,1,0,'karim:4','2026-11-23 09:01:20.000000','2026-11-23 09:01:20.000000','2026-11-23 09:01:20.000000',NULL);
INSERT INTO "outbox" VALUES(5,1,'paper','karim',0,NULL,'{"text":"Que doit modifier le porteur du dossier OUJ-2026-0001 ? Choisissez un ou plusieurs points.","language":"fr","buttons":[{"label":"CV des fondateurs","carries":"4.items=cv"},{"label":"Présentation du projet","carries":"4.items=deck"},{"label":"Plan d''affaires","carries":"4.items=business_plan"},{"label":"Prototype, démo ou réalisations","carries":"4.items=portfolio"},{"label":"Brevet, marque ou dépôt","carries":"4.items=ip"},{"label":"Nom et prénom","carries":"4.items=full_name"},{"label":"Téléphone","carries":"4.items=phone"},{"label":"E-mail","carries":"4.items=email"},{"label":"Province ou préfecture","carries":"4.items=province"},{"label":"18 ans ou plus","carries":"4.items=adult"},{"label":"Université ou école","carries":"4.items=school"},{"label":"Nom du projet","carries":"4.items=project_name"},{"label":"Projet en une phrase","carries":"4.items=pitch"},{"label":"Problème résolu","carries":"4.items=problem"},{"label":"Solution et innovation","carries":"4.items=solution"},{"label":"Clients visés","carries":"4.items=market"},{"label":"Modèle de revenus","carries":"4.items=revenue"},{"label":"Site, démo ou réseaux","carries":"4.items=link"},{"label":"Équipe et rôles","carries":"4.items=team"},{"label":"Vos besoins","carries":"4.items=needs"}]}','sent','',0,1,1,0,'karim:5','2026-11-23 09:01:40.000000','2026-11-23 09:01:40.000000','2026-11-23 09:01:40.000000',NULL);
INSERT INTO "outbox" VALUES(6,1,'paper','karim',0,NULL,'{"text":"Choisi : Clients visés. Ajoutez un autre choix, ou appuyez sur « Terminer ».","language":"fr","buttons":[{"label":"CV des fondateurs","carries":"4.items=cv"},{"label":"Présentation du projet","carries":"4.items=deck"},{"label":"Plan d''affaires","carries":"4.items=business_plan"},{"label":"Prototype, démo ou réalisations","carries":"4.items=portfolio"},{"label":"Brevet, marque ou dépôt","carries":"4.items=ip"},{"label":"Nom et prénom","carries":"4.items=full_name"},{"label":"Téléphone","carries":"4.items=phone"},{"label":"E-mail","carries":"4.items=email"},{"label":"Province ou préfecture","carries":"4.items=province"},{"label":"18 ans ou plus","carries":"4.items=adult"},{"label":"Université ou école","carries":"4.items=school"},{"label":"Nom du projet","carries":"4.items=project_name"},{"label":"Projet en une phrase","carries":"4.items=pitch"},{"label":"Problème résolu","carries":"4.items=problem"},{"label":"Solution et innovation","carries":"4.items=solution"},{"label":"Modèle de revenus","carries":"4.items=revenue"},{"label":"Site, démo ou réseaux","carries":"4.items=link"},{"label":"Équipe et rôles","carries":"4.items=team"},{"label":"Vos besoins","carries":"4.items=needs"},{"label":"Terminer","carries":"4.items=~done"}]}','sent','',0,1,1,0,'karim:6','2026-11-23 09:02:00.000000','2026-11-23 09:02:00.000000','2026-11-23 09:02:00.000000',NULL);
INSERT INTO "outbox" VALUES(7,1,'paper','karim',0,NULL,'{"text":"Clients visés : que manque-t-il, ou que faut-il changer ? Merci d''écrire en français.","language":"fr","buttons":[{"label":"Retour","carries":"/back","aside":true}]}','sent','',0,1,1,0,'karim:7','2026-11-23 09:02:20.000000','2026-11-23 09:02:20.000000','2026-11-23 09:02:20.000000',NULL);
INSERT INTO "outbox" VALUES(8,1,'paper','karim',0,NULL,'{"text":"La personne lira ceci, et pourra répondre jusqu''au jeudi 3 décembre 2026 :\n• Clients visés : Merci de préciser vos clients.","language":"fr","buttons":[{"label":"Envoyer","carries":"4.send=yes"},{"label":"Non, laissez","carries":"4.send=no"},{"label":"Retour","carries":"/back","aside":true}]}','sent','',0,1,1,0,'karim:8','2026-11-23 09:02:40.000000','2026-11-23 09:02:40.000000','2026-11-23 09:02:40.000000',NULL);
INSERT INTO "outbox" VALUES(9,3,'paper','salma',1,'items:OUJ-2026-0001:1795424580','{"text":"Bonjour Salma, l''équipe vous demande ceci pour votre candidature OUJ-2026-0001, au plus tard le jeudi 3 décembre 2026 :\n• Clients visés : Merci de préciser vos clients.","language":"fr","buttons":[{"label":"Répondre maintenant","carries":"/changes OUJ-2026-0001"},{"label":"Parler à l''équipe","carries":"/human"}]}','sent','',0,1,1,0,'salma:10','2026-11-23 09:03:00.000000','2026-11-23 09:03:00.000000','2026-11-23 09:03:00.000000',NULL);
INSERT INTO "outbox" VALUES(10,1,'paper','karim',0,NULL,'{"text":"Envoyé. Vous serez prévenu de la réponse.","language":"fr","buttons":[{"label":"Retour au dossier","carries":"/file OUJ-2026-0001"},{"label":"Dossier suivant","carries":"/queue"}]}','sent','',0,1,1,0,'karim:9','2026-11-23 09:03:00.000000','2026-11-23 09:03:00.000000','2026-11-23 09:03:00.000000',NULL);
INSERT INTO "outbox" VALUES(11,1,'paper','karim',0,NULL,'{"text":"De quoi parle l''annonce ?","language":"fr","buttons":[{"label":"Appels à projets","carries":"5.topic=calls"},{"label":"Événements","carries":"5.topic=events"},{"label":"Formations","carries":"5.topic=training"},{"label":"Financement","carries":"5.topic=funding"},{"label":"Vie du Technopark","carries":"5.topic=life"}]}','sent','',0,1,1,0,'karim:11','2026-11-23 09:03:20.000000','2026-11-23 09:03:20.000000','2026-11-23 09:03:20.000000',NULL);
INSERT INTO "outbox" VALUES(12,1,'paper','karim',0,NULL,'{"text":"Merci de choisir l''une des réponses ci-dessous.\n\nDe quoi parle l''annonce ?","language":"fr","buttons":[{"label":"Appels à projets","carries":"5.topic=calls"},{"label":"Événements","carries":"5.topic=events"},{"label":"Formations","carries":"5.topic=training"},{"label":"Financement","carries":"5.topic=funding"},{"label":"Vie du Technopark","carries":"5.topic=life"}]}','sent','',0,1,1,0,'karim:12','2026-11-23 09:03:40.000000','2026-11-23 09:03:40.000000','2026-11-23 09:03:40.000000',NULL);
INSERT INTO "outbox" VALUES(13,4,'paper','amina',0,NULL,'{"text":"Choisissez votre langue · المرجو اختيار اللغة · Please choose your language","language":"fr","buttons":[{"label":"العربية","carries":"1.language=ar"},{"label":"Français","carries":"1.language=fr"},{"label":"English","carries":"1.language=en"}]}','sent','',0,1,1,0,'amina:13','2026-11-23 09:04:00.000000','2026-11-23 09:04:00.000000','2026-11-23 09:04:00.000000',NULL);
INSERT INTO "outbox" VALUES(14,4,'paper','amina',0,NULL,'{"text":"Bonjour et bienvenue ! Je suis Mouwakib, l''assistant numérique de Technopark Oujda. Je peux vous présenter nos services, vérifier avec vous l''éligibilité de votre projet, recueillir votre candidature et réserver une séance de coaching. Que souhaitez-vous faire ?\n\nAvant de commencer : Technopark Oujda (MITC) utilise les informations que vous nous confiez pour répondre à vos questions, étudier votre candidature et gérer vos rendez-vous, conformément à la loi n° 09-08. Vous pouvez à tout moment y accéder, les faire rectifier ou vous opposer à leur traitement en écrivant « mes données ». Êtes-vous d''accord ?","language":"fr","buttons":[{"label":"J''accepte","carries":"1.consent=agree"},{"label":"En savoir plus","carries":"1.consent=more"},{"label":"Je refuse","carries":"1.consent=refuse"},{"label":"Retour","carries":"/back","aside":true}]}','sent','',0,1,1,0,'amina:14','2026-11-23 09:04:20.000000','2026-11-23 09:04:20.000000','2026-11-23 09:04:20.000000',NULL);
INSERT INTO "outbox" VALUES(15,4,'paper','amina',0,NULL,'{"text":"Que souhaitez-vous faire ?","language":"fr","buttons":[{"label":"Nos services","carries":"/services"},{"label":"Suis-je éligible ?","carries":"/eligibility"},{"label":"Déposer ma candidature","carries":"/apply"},{"label":"Suivre ma candidature","carries":"/track"},{"label":"Réserver un coaching","carries":"/book"},{"label":"Mes rendez-vous","carries":"/bookings"},{"label":"Questions fréquentes","carries":"/faq"},{"label":"Parler à l''équipe","carries":"/human"},{"label":"Langue et données","carries":"/settings"}]}','sent','',0,1,1,0,'amina:15','2026-11-23 09:04:40.000000','2026-11-23 09:04:40.000000','2026-11-23 09:04:40.000000',NULL);
INSERT INTO "outbox" VALUES(16,5,'paper','driss',0,NULL,'{"text":"Choisissez votre langue · المرجو اختيار اللغة · Please choose your language","language":"fr","buttons":[{"label":"العربية","carries":"1.language=ar"},{"label":"Français","carries":"1.language=fr"},{"label":"English","carries":"1.language=en"}]}','sent','',0,1,1,0,'driss:16','2026-11-23 09:05:00.000000','2026-11-23 09:05:00.000000','2026-11-23 09:05:00.000000',NULL);
INSERT INTO "outbox" VALUES(17,5,'paper','driss',0,NULL,'{"text":"مرحبًا بكم! أنا «مُواكِب»، المساعد الرقمي لتكنوبارك وجدة. يمكنني تعريفكم بخدماتنا، والتحقق معكم من أهلية مشروعكم، وتسلّم طلب ترشيحكم، وحجز حصة تأطير. بماذا يمكنني مساعدتكم؟\n\nقبل أن نبدأ: يستعمل تكنوبارك وجدة (⁨MITC⁩) المعلومات التي تقدمونها للإجابة عن أسئلتكم، ودراسة طلب ترشيحكم، وتدبير مواعيدكم، طبقًا للقانون رقم 09.08. ويمكنكم في أي وقت الولوج إليها أو طلب تصحيحها أو التعرض على معالجتها بكتابة «معطياتي». هل توافقون؟","language":"ar","buttons":[{"label":"أوافق","carries":"1.consent=agree"},{"label":"معرفة المزيد","carries":"1.consent=more"},{"label":"لا أوافق","carries":"1.consent=refuse"},{"label":"رجوع","carries":"/back","aside":true}]}','sent','',0,1,1,0,'driss:17','2026-11-23 09:05:20.000000','2026-11-23 09:05:20.000000','2026-11-23 09:05:20.000000',NULL);
INSERT INTO "outbox" VALUES(18,5,'paper','driss',0,NULL,'{"text":"بماذا يمكنني مساعدتكم؟","language":"ar","buttons":[{"label":"خدماتنا","carries":"/services"},{"label":"هل مشروعي مؤهل؟","carries":"/eligibility"},{"label":"تقديم طلب الترشيح","carries":"/apply"},{"label":"تتبع طلبي","carries":"/track"},{"label":"حجز حصة تأطير","carries":"/book"},{"label":"مواعيدي","carries":"/bookings"},{"label":"الأسئلة المتداولة","carries":"/faq"},{"label":"التحدث مع الفريق","carries":"/human"},{"label":"اللغة والمعطيات","carries":"/settings"}]}','sent','',0,1,1,0,'driss:18','2026-11-23 09:05:40.000000','2026-11-23 09:05:40.000000','2026-11-23 09:05:40.000000',NULL);
INSERT INTO "outbox" VALUES(19,6,'paper','leila',0,NULL,'{"text":"Choisissez votre langue · المرجو اختيار اللغة · Please choose your language","language":"fr","buttons":[{"label":"العربية","carries":"1.language=ar"},{"label":"Français","carries":"1.language=fr"},{"label":"English","carries":"1.language=en"}]}','sent','',0,1,1,0,'leila:19','2026-11-23 09:06:00.000000','2026-11-23 09:06:00.000000','2026-11-23 09:06:00.000000',NULL);
INSERT INTO "outbox" VALUES(20,6,'paper','leila',0,NULL,'{"text":"Bonjour et bienvenue ! Je suis Mouwakib, l''assistant numérique de Technopark Oujda. Je peux vous présenter nos services, vérifier avec vous l''éligibilité de votre projet, recueillir votre candidature et réserver une séance de coaching. Que souhaitez-vous faire ?\n\nAvant de commencer : Technopark Oujda (MITC) utilise les informations que vous nous confiez pour répondre à vos questions, étudier votre candidature et gérer vos rendez-vous, conformément à la loi n° 09-08. Vous pouvez à tout moment y accéder, les faire rectifier ou vous opposer à leur traitement en écrivant « mes données ». Êtes-vous d''accord ?","language":"fr","buttons":[{"label":"J''accepte","carries":"1.consent=agree"},{"label":"En savoir plus","carries":"1.consent=more"},{"label":"Je refuse","carries":"1.consent=refuse"},{"label":"Retour","carries":"/back","aside":true}]}','sent','',0,1,1,0,'leila:20','2026-11-23 09:06:20.000000','2026-11-23 09:06:20.000000','2026-11-23 09:06:20.000000',NULL);
INSERT INTO "outbox" VALUES(21,6,'paper','leila',0,NULL,'{"text":"Que souhaitez-vous faire ?","language":"fr","buttons":[{"label":"Nos services","carries":"/services"},{"label":"Suis-je éligible ?","carries":"/eligibility"},{"label":"Déposer ma candidature","carries":"/apply"},{"label":"Suivre ma candidature","carries":"/track"},{"label":"Réserver un coaching","carries":"/book"},{"label":"Mes rendez-vous","carries":"/bookings"},{"label":"Questions fréquentes","carries":"/faq"},{"label":"Parler à l''équipe","carries":"/human"},{"label":"Langue et données","carries":"/settings"}]}','sent','',0,1,1,0,'leila:21','2026-11-23 09:06:40.000000','2026-11-23 09:06:40.000000','2026-11-23 09:06:40.000000',NULL);
INSERT INTO "outbox" VALUES(22,7,'paper','hind',0,NULL,'{"text":"Choisissez votre langue · المرجو اختيار اللغة · Please choose your language","language":"fr","buttons":[{"label":"العربية","carries":"1.language=ar"},{"label":"Français","carries":"1.language=fr"},{"label":"English","carries":"1.language=en"}]}','sent','',0,1,1,0,'hind:22','2026-11-23 09:07:00.000000','2026-11-23 09:07:00.000000','2026-11-23 09:07:00.000000',NULL);
INSERT INTO "outbox" VALUES(23,7,'paper','hind',0,NULL,'{"text":"Bonjour et bienvenue ! Je suis Mouwakib, l''assistant numérique de Technopark Oujda. Je peux vous présenter nos services, vérifier avec vous l''éligibilité de votre projet, recueillir votre candidature et réserver une séance de coaching. Que souhaitez-vous faire ?\n\nAvant de commencer : Technopark Oujda (MITC) utilise les informations que vous nous confiez pour répondre à vos questions, étudier votre candidature et gérer vos rendez-vous, conformément à la loi n° 09-08. Vous pouvez à tout moment y accéder, les faire rectifier ou vous opposer à leur traitement en écrivant « mes données ». Êtes-vous d''accord ?","language":"fr","buttons":[{"label":"J''accepte","carries":"1.consent=agree"},{"label":"En savoir plus","carries":"1.consent=more"},{"label":"Je refuse","carries":"1.consent=refuse"},{"label":"Retour","carries":"/back","aside":true}]}','sent','',0,1,1,0,'hind:23','2026-11-23 09:07:20.000000','2026-11-23 09:07:20.000000','2026-11-23 09:07:20.000000',NULL);
INSERT INTO "outbox" VALUES(24,7,'paper','hind',0,NULL,'{"text":"Que souhaitez-vous faire ?","language":"fr","buttons":[{"label":"Nos services","carries":"/services"},{"label":"Suis-je éligible ?","carries":"/eligibility"},{"label":"Déposer ma candidature","carries":"/apply"},{"label":"Suivre ma candidature","carries":"/track"},{"label":"Réserver un coaching","carries":"/book"},{"label":"Mes rendez-vous","carries":"/bookings"},{"label":"Questions fréquentes","carries":"/faq"},{"label":"Parler à l''équipe","carries":"/human"},{"label":"Langue et données","carries":"/settings"}]}','sent','',0,1,1,0,'hind:24','2026-11-23 09:07:40.000000','2026-11-23 09:07:40.000000','2026-11-23 09:07:40.000000',NULL);
INSERT INTO "outbox" VALUES(25,8,'paper','zineb',0,NULL,'{"text":"Choisissez votre langue · المرجو اختيار اللغة · Please choose your language","language":"fr","buttons":[{"label":"العربية","carries":"1.language=ar"},{"label":"Français","carries":"1.language=fr"},{"label":"English","carries":"1.language=en"}]}','sent','',0,1,1,0,'zineb:25','2026-11-23 09:08:00.000000','2026-11-23 09:08:00.000000','2026-11-23 09:08:00.000000',NULL);
INSERT INTO "outbox" VALUES(26,8,'paper','zineb',0,NULL,'{"text":"Bonjour et bienvenue ! Je suis Mouwakib, l''assistant numérique de Technopark Oujda. Je peux vous présenter nos services, vérifier avec vous l''éligibilité de votre projet, recueillir votre candidature et réserver une séance de coaching. Que souhaitez-vous faire ?\n\nAvant de commencer : Technopark Oujda (MITC) utilise les informations que vous nous confiez pour répondre à vos questions, étudier votre candidature et gérer vos rendez-vous, conformément à la loi n° 09-08. Vous pouvez à tout moment y accéder, les faire rectifier ou vous opposer à leur traitement en écrivant « mes données ». Êtes-vous d''accord ?","language":"fr","buttons":[{"label":"J''accepte","carries":"1.consent=agree"},{"label":"En savoir plus","carries":"1.consent=more"},{"label":"Je refuse","carries":"1.consent=refuse"},{"label":"Retour","carries":"/back","aside":true}]}','sent','',0,1,1,0,'zineb:26','2026-11-23 09:08:20.000000','2026-11-23 09:08:20.000000','2026-11-23 09:08:20.000000',NULL);
INSERT INTO "outbox" VALUES(27,8,'paper','zineb',0,NULL,'{"text":"Que souhaitez-vous faire ?","language":"fr","buttons":[{"label":"Nos services","carries":"/services"},{"label":"Suis-je éligible ?","carries":"/eligibility"},{"label":"Déposer ma candidature","carries":"/apply"},{"label":"Suivre ma candidature","carries":"/track"},{"label":"Réserver un coaching","carries":"/book"},{"label":"Mes rendez-vous","carries":"/bookings"},{"label":"Questions fréquentes","carries":"/faq"},{"label":"Parler à l''équipe","carries":"/human"},{"label":"Langue et données","carries":"/settings"}]}','sent','',0,1,1,0,'zineb:27','2026-11-23 09:08:40.000000','2026-11-23 09:08:40.000000','2026-11-23 09:08:40.000000',NULL);
INSERT INTO "outbox" VALUES(28,4,'paper','amina',0,NULL,'{"text":"Quelle est votre situation ?","language":"fr","buttons":[{"label":"Projet, sans société","carries":"3.check.applicant_type=project_holder"},{"label":"Auto-entrepreneur","carries":"3.check.applicant_type=auto_entrepreneur"},{"label":"Startup ou société","carries":"3.check.applicant_type=company"},{"label":"Études ou recherche","carries":"3.check.applicant_type=academic"},{"label":"Coopérative","carries":"3.check.applicant_type=cooperative"},{"label":"Autre structure","carries":"3.check.applicant_type=other"}]}','sent','',0,1,1,0,'amina:28','2026-11-23 09:09:00.000000','2026-11-23 09:09:00.000000','2026-11-23 09:09:00.000000',NULL);
INSERT INTO "outbox" VALUES(29,4,'paper','amina',0,NULL,'{"text":"Dans quel domaine se situe votre projet ?\n• Numérique (IT) : logiciel, IA, données, fintech, e-santé, edtech, jeux\n• Green Tech : énergie, eau, déchets, agriculture durable, mobilité propre\n• Culture et création : audiovisuel, design, musique, édition, mode, patrimoine","language":"fr","buttons":[{"label":"Numérique (IT)","carries":"3.check.sector=it"},{"label":"Green Tech","carries":"3.check.sector=green"},{"label":"Culture et création","carries":"3.check.sector=creative"},{"label":"Autre, à base de tech","carries":"3.check.sector=tech_other"},{"label":"Autre domaine","carries":"3.check.sector=other"},{"label":"Retour","carries":"/back","aside":true}]}','sent','',0,1,1,0,'amina:29','2026-11-23 09:09:20.000000','2026-11-23 09:09:20.000000','2026-11-23 09:09:20.000000',NULL);
INSERT INTO "outbox" VALUES(30,5,'paper','driss',0,NULL,'{"text":"إليكم بعض الأسئلة السريعة (حوالي دقيقتين). النتيجة إرشادية، ويبقى القرار النهائي للجنة الانتقاء.\n\nما هي وضعيتكم؟","language":"ar","buttons":[{"label":"مشروع دون شركة بعد","carries":"3.applicant_type=project_holder"},{"label":"مقاول(ة) ذاتي(ة)","carries":"3.applicant_type=auto_entrepreneur"},{"label":"مقاولة ناشئة أو شركة","carries":"3.applicant_type=company"},{"label":"دراسة أو بحث علمي","carries":"3.applicant_type=academic"},{"label":"تعاونية","carries":"3.applicant_type=cooperative"},{"label":"هيئة أخرى","carries":"3.applicant_type=other"}]}','sent','',0,1,1,0,'driss:30','2026-11-23 09:09:40.000000','2026-11-23 09:09:40.000000','2026-11-23 09:09:40.000000',NULL);
INSERT INTO "outbox" VALUES(31,6,'paper','leila',0,NULL,'{"text":"Sur quel sujet souhaitez-vous avancer ?","language":"fr","buttons":[{"label":"Juridique et création","carries":"3.topic=legal"},{"label":"Pitch","carries":"3.topic=pitch"}]}','sent','',0,1,1,0,'leila:31','2026-11-23 09:10:00.000000','2026-11-23 09:10:00.000000','2026-11-23 09:10:00.000000',NULL);
INSERT INTO "outbox" VALUES(32,6,'paper','leila',0,NULL,'{"text":"Voici les créneaux libres. Lequel choisissez-vous ?\n\n• mardi 24 novembre à 10:00, avec Yassine\n• mardi 24 novembre à 11:00, avec Yassine\n• jeudi 26 novembre à 09:00, avec Yassine\n• jeudi 26 novembre à 10:00, avec Yassine\n• jeudi 26 novembre à 11:00, avec Yassine","language":"fr","buttons":[{"label":"mar. 24 nov. 10:00","carries":"3.slot=2.29925240"},{"label":"mar. 24 nov. 11:00","carries":"3.slot=2.29925300"},{"label":"jeu. 26 nov. 09:00","carries":"3.slot=2.29928060"},{"label":"jeu. 26 nov. 10:00","carries":"3.slot=2.29928120"},{"label":"jeu. 26 nov. 11:00","carries":"3.slot=2.29928180"},{"label":"D''autres jours","carries":"3.slot=days"},{"label":"Liste d''attente","carries":"3.slot=wait"},{"label":"Retour","carries":"/back","aside":true}]}','sent','',0,1,1,0,'leila:32','2026-11-23 09:10:20.000000','2026-11-23 09:10:20.000000','2026-11-23 09:10:20.000000',NULL);
INSERT INTO "outbox" VALUES(33,7,'paper','hind',0,NULL,'{"text":"Écrivez votre message à l''équipe. Tout ce que vous écrivez ici lui est transmis.","language":"fr"}','sent','',0,1,1,0,'hind:33','2026-11-23 09:10:40.000000','2026-11-23 09:10:40.000000','2026-11-23 09:10:40.000000',NULL);
INSERT INTO "outbox" VALUES(34,1,'paper','karim',1,'handoff:1:1795425060000000:1','{"text":"Hind écrit :\nBonjour, une question sur les bureaux\n\nJuste avant :\nJ''accepte\n\nRépondez avec le bouton, ou en répondant à ce message.","language":"fr","buttons":[{"label":"Répondre","carries":"/answer 1"},{"label":"Je m''en occupe","carries":"/take 1"},{"label":"Terminer l''échange","carries":"/end 1"}]}','sent','',0,1,1,0,'karim:35','2026-11-23 09:11:00.000000','2026-11-23 09:11:00.000000','2026-11-23 09:11:00.000000',NULL);
INSERT INTO "outbox" VALUES(35,7,'paper','hind',0,NULL,'{"text":"Je transmets votre message à l''équipe. Une personne vous répondra pendant les heures d''ouverture (du lundi au vendredi, de 8 h 30 à 16 h 30). En attendant, le menu reste à votre disposition.","language":"fr","buttons":[{"label":"Terminer l''échange","carries":"/end"}]}','sent','',0,1,1,0,'hind:34','2026-11-23 09:11:00.000000','2026-11-23 09:11:00.000000','2026-11-23 09:11:00.000000',NULL);
INSERT INTO "outbox" VALUES(36,8,'paper','zineb',0,NULL,'{"text":"Quelle est votre situation ?","language":"fr","buttons":[{"label":"Projet, sans société","carries":"3.check.applicant_type=project_holder"},{"label":"Auto-entrepreneur","carries":"3.check.applicant_type=auto_entrepreneur"},{"label":"Startup ou société","carries":"3.check.applicant_type=company"},{"label":"Études ou recherche","carries":"3.check.applicant_type=academic"},{"label":"Coopérative","carries":"3.check.applicant_type=cooperative"},{"label":"Autre structure","carries":"3.check.applicant_type=other"}]}','sent','',0,1,1,0,'zineb:36','2026-11-23 09:11:20.000000','2026-11-23 09:11:20.000000','2026-11-23 09:11:20.000000',NULL);
INSERT INTO "outbox" VALUES(37,8,'paper','zineb',0,NULL,'{"text":"Dans quel domaine se situe votre projet ?\n• Numérique (IT) : logiciel, IA, données, fintech, e-santé, edtech, jeux\n• Green Tech : énergie, eau, déchets, agriculture durable, mobilité propre\n• Culture et création : audiovisuel, design, musique, édition, mode, patrimoine","language":"fr","buttons":[{"label":"Numérique (IT)","carries":"3.check.sector=it"},{"label":"Green Tech","carries":"3.check.sector=green"},{"label":"Culture et création","carries":"3.check.sector=creative"},{"label":"Autre, à base de tech","carries":"3.check.sector=tech_other"},{"label":"Autre domaine","carries":"3.check.sector=other"},{"label":"Retour","carries":"/back","aside":true}]}','sent','',0,1,1,0,'zineb:37','2026-11-23 09:11:40.000000','2026-11-23 09:11:40.000000','2026-11-23 09:11:40.000000',NULL);
INSERT INTO "outbox" VALUES(38,8,'paper','zineb',0,NULL,'{"text":"Que souhaitez-vous faire ?","language":"fr","buttons":[{"label":"Continuer ma demande","carries":"/resume 3"},{"label":"Nos services","carries":"/services"},{"label":"Suis-je éligible ?","carries":"/eligibility"},{"label":"Déposer ma candidature","carries":"/apply"},{"label":"Suivre ma candidature","carries":"/track"},{"label":"Réserver un coaching","carries":"/book"},{"label":"Mes rendez-vous","carries":"/bookings"},{"label":"Questions fréquentes","carries":"/faq"},{"label":"Parler à l''équipe","carries":"/human"},{"label":"Langue et données","carries":"/settings"}]}','sent','',0,1,1,0,'zineb:38','2026-11-23 09:12:00.000000','2026-11-23 09:12:00.000000','2026-11-23 09:12:00.000000',NULL);
INSERT INTO "outbox" VALUES(39,4,'paper','amina',1,'draft-nudge:1','{"text":"Votre dossier attend."}','queued','',0,0,0,0,'','2026-11-23 09:12:00.000000','2026-11-23 09:12:00.000000',NULL,NULL);
CREATE TABLE people (
	id INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	seen_at DATETIME NOT NULL, 
	language VARCHAR(8) NOT NULL, 
	name TEXT NOT NULL, 
	roles VARCHAR(60) NOT NULL, 
	agreed JSON NOT NULL, 
	profile JSON NOT NULL, 
	front INTEGER NOT NULL, 
	talks INTEGER NOT NULL, 
	handoff INTEGER NOT NULL, 
	CONSTRAINT pk_people PRIMARY KEY (id)
);
INSERT INTO "people" VALUES(1,'2026-11-23 09:00:20.000000','2026-11-23 09:03:20.000000','fr','Karim','founder staff','["data"]','{}',5,5,0);
INSERT INTO "people" VALUES(2,'2026-11-23 09:00:00.000000','2026-11-23 09:00:00.000000','','','founder coach','[]','{}',0,0,0);
INSERT INTO "people" VALUES(3,'2026-11-23 09:00:00.000000','2026-11-23 09:00:00.000000','fr','Salma','founder','[]','{}',0,0,0);
INSERT INTO "people" VALUES(4,'2026-11-23 09:04:00.000000','2026-11-23 09:09:00.000000','fr','Amina','founder','["data"]','{}',3,3,0);
INSERT INTO "people" VALUES(5,'2026-11-23 09:05:00.000000','2026-11-23 09:09:40.000000','ar','Driss','founder','["data"]','{}',3,3,0);
INSERT INTO "people" VALUES(6,'2026-11-23 09:06:00.000000','2026-11-23 09:10:00.000000','fr','Leila','founder','["data"]','{}',3,3,0);
INSERT INTO "people" VALUES(7,'2026-11-23 09:07:00.000000','2026-11-23 09:11:00.000000','fr','Hind','founder','["data"]','{}',3,3,1);
INSERT INTO "people" VALUES(8,'2026-11-23 09:08:00.000000','2026-11-23 09:12:00.000000','fr','Zineb','founder','["data"]','{}',2,3,0);
CREATE TABLE reminders (
	id INTEGER NOT NULL, 
	"key" VARCHAR(80) NOT NULL, 
	person_id INTEGER NOT NULL, 
	kind VARCHAR(12) NOT NULL, 
	subject INTEGER NOT NULL, 
	due_at DATETIME NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	reason VARCHAR(40) NOT NULL, 
	done_at DATETIME, 
	CONSTRAINT pk_reminders PRIMARY KEY (id), 
	CONSTRAINT fk_reminders_person_id FOREIGN KEY(person_id) REFERENCES people (id) ON DELETE CASCADE, 
	CONSTRAINT uq_reminders_key UNIQUE ("key")
);
INSERT INTO "reminders" VALUES(1,'asked:1',3,'asked',1,'2026-12-01 10:00:00.000000','waiting','',NULL);
INSERT INTO "reminders" VALUES(2,'booking:1:day',8,'day',1,'2026-11-25 10:00:00.000000','waiting','',NULL);
INSERT INTO "reminders" VALUES(3,'booking:1:hour',8,'hour',1,'2026-11-26 09:00:00.000000','waiting','',NULL);
INSERT INTO "reminders" VALUES(4,'booking:1:feedback',8,'feedback',1,'2026-11-26 11:00:00.000000','waiting','',NULL);
INSERT INTO "reminders" VALUES(5,'agenda:2:2026-11-26',2,'agenda',739946,'2026-11-26 08:00:00.000000','waiting','',NULL);
INSERT INTO "reminders" VALUES(6,'tomorrow:2:2026-11-26',2,'tomorrow',739946,'2026-11-25 18:00:00.000000','waiting','',NULL);
CREATE TABLE reviews (
	application_id INTEGER NOT NULL, 
	reviewer_id INTEGER NOT NULL, 
	scores JSON NOT NULL, 
	notes TEXT NOT NULL, 
	"conflict" BOOLEAN NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_reviews PRIMARY KEY (application_id, reviewer_id), 
	CONSTRAINT fk_reviews_application_id FOREIGN KEY(application_id) REFERENCES applications (id) ON DELETE CASCADE, 
	CONSTRAINT fk_reviews_reviewer_id FOREIGN KEY(reviewer_id) REFERENCES people (id) ON DELETE CASCADE
);
CREATE TABLE talks (
	person_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	name VARCHAR(40) NOT NULL, 
	state JSON NOT NULL, 
	touched_at DATETIME NOT NULL, 
	CONSTRAINT pk_talks PRIMARY KEY (person_id, number), 
	CONSTRAINT fk_talks_person_id FOREIGN KEY(person_id) REFERENCES people (id) ON DELETE CASCADE
);
INSERT INTO "talks" VALUES(1,2,'menu','{"asking":"what","shown":["/file OUJ-2026-0001","/queue"],"aside":{"العوده الي الملف":"/file OUJ-2026-0001","retour au dossier":"/file OUJ-2026-0001","back to the file":"/file OUJ-2026-0001","الملف الموالي":"/queue","dossier suivant":"/queue","next application":"/queue"}}','2026-11-23 09:03:00.000000');
INSERT INTO "talks" VALUES(1,5,'announce','{"asking":"topic","shown":["calls","events","training","funding","life"],"misreads":1}','2026-11-23 09:03:40.000000');
INSERT INTO "talks" VALUES(4,2,'menu','{"asking":"what","shown":["/services","/eligibility","/apply","/track","/book","/bookings","/faq","/human","/settings"]}','2026-11-23 09:04:40.000000');
INSERT INTO "talks" VALUES(5,2,'menu','{"asking":"what","shown":["/services","/eligibility","/apply","/track","/book","/bookings","/faq","/human","/settings"]}','2026-11-23 09:05:40.000000');
INSERT INTO "talks" VALUES(6,2,'menu','{"asking":"what","shown":["/services","/eligibility","/apply","/track","/book","/bookings","/faq","/human","/settings"]}','2026-11-23 09:06:40.000000');
INSERT INTO "talks" VALUES(7,2,'menu','{"asking":"what","shown":["/services","/eligibility","/apply","/track","/book","/bookings","/faq","/human","/settings"]}','2026-11-23 09:07:40.000000');
INSERT INTO "talks" VALUES(8,2,'menu','{"asking":"what","shown":["/resume 3","/services","/eligibility","/apply","/track","/book","/bookings","/faq","/human","/settings"]}','2026-11-23 09:12:00.000000');
INSERT INTO "talks" VALUES(4,3,'apply','{"answers":{"~open":false,"~facts":{},"check.applicant_type":"auto_entrepreneur"},"asking":"check.sector","shown":["it","green","creative","tech_other","other"]}','2026-11-23 09:09:20.000000');
INSERT INTO "talks" VALUES(5,3,'eligibility','{"asking":"applicant_type","shown":["project_holder","auto_entrepreneur","company","academic","cooperative","other"]}','2026-11-23 09:09:40.000000');
INSERT INTO "talks" VALUES(6,3,'book','{"answers":{"topic":"legal"},"asking":"slot","open":"text","shown":["2.29925240","2.29925300","2.29928060","2.29928120","2.29928180","days","wait"]}','2026-11-23 09:10:20.000000');
INSERT INTO "talks" VALUES(7,3,'human','{"asking":"said","open":"all"}','2026-11-23 09:11:00.000000');
INSERT INTO "talks" VALUES(8,3,'apply','{"answers":{"~open":false,"~facts":{},"check.applicant_type":"company"},"asking":"check.sector","shown":["it","green","creative","tech_other","other"]}','2026-11-23 09:11:40.000000');
CREATE TABLE waits (
	id INTEGER NOT NULL, 
	founder_id INTEGER NOT NULL, 
	topic VARCHAR(20) NOT NULL, 
	at DATETIME NOT NULL, 
	coach_id INTEGER, 
	starts_at DATETIME, 
	place VARCHAR(8) NOT NULL, 
	until DATETIME, 
	passed INTEGER NOT NULL, 
	CONSTRAINT pk_waits PRIMARY KEY (id), 
	CONSTRAINT fk_waits_founder_id FOREIGN KEY(founder_id) REFERENCES people (id) ON DELETE CASCADE, 
	CONSTRAINT uq_waits_founder_id_topic UNIQUE (founder_id, topic)
);
INSERT INTO "waits" VALUES(1,8,'pitch','2026-11-23 09:12:00.000000',NULL,NULL,'',NULL,0);
CREATE INDEX ix_applications_person_id ON applications (person_id);
CREATE INDEX ix_applications_status ON applications (status);
CREATE UNIQUE INDEX uq_applications_open ON applications (person_id, programme) WHERE status IN ('submitted', 'in_review', 'missing_docs', 'shortlisted', 'interview', 'waitlisted');
CREATE INDEX ix_audit_subject ON audit (subject);
CREATE INDEX ix_handoffs_person_id ON handoffs (person_id);
CREATE UNIQUE INDEX uq_handoffs_open ON handoffs (person_id) WHERE closed_at IS NULL;
CREATE INDEX ix_inbox_at ON inbox (at);
CREATE INDEX ix_inbox_person_id ON inbox (person_id);
CREATE INDEX ix_outbox_person_id_id ON outbox (person_id, id);
CREATE INDEX ix_outbox_queued ON outbox (lane, not_before) WHERE state = 'queued';
CREATE INDEX ix_outbox_sending ON outbox (owner) WHERE state = 'sending';
CREATE INDEX ix_people_with_roles ON people (roles) WHERE roles <> 'founder';
CREATE INDEX ix_addresses_person_id ON addresses (person_id);
CREATE INDEX ix_files_person_id ON files (person_id);
CREATE INDEX ix_talks_touched_at ON talks (touched_at);
CREATE INDEX ix_bookings_coach_id_starts_at ON bookings (coach_id, starts_at);
CREATE INDEX ix_bookings_founder_id ON bookings (founder_id);
CREATE UNIQUE INDEX uq_bookings_coach_id_starts_at ON bookings (coach_id, starts_at) WHERE state IN ('asked', 'confirmed');
CREATE INDEX ix_reminders_due_at ON reminders (due_at) WHERE state = 'waiting';
CREATE INDEX ix_reminders_person_id ON reminders (person_id);
CREATE INDEX ix_reminders_subject ON reminders (subject, kind);
CREATE INDEX ix_waits_topic_at ON waits (topic, at);
CREATE INDEX ix_days_coach_id ON days (coach_id);
CREATE INDEX ix_days_day ON days (day);
CREATE INDEX ix_hours_coach_id ON hours (coach_id);
CREATE TRIGGER bookings_apart_coach_id_insert BEFORE INSERT ON bookings WHEN NEW.state IN ('asked', 'confirmed') BEGIN SELECT RAISE(ABORT, 'UNIQUE: bookings_apart_coach_id') WHERE EXISTS (SELECT 1 FROM bookings b WHERE b.id <> NEW.id AND b.coach_id = NEW.coach_id AND b.state IN ('asked', 'confirmed') AND b.starts_at < NEW.free_at AND b.free_at > NEW.starts_at); END;
CREATE TRIGGER bookings_apart_coach_id_update BEFORE UPDATE ON bookings WHEN NEW.state IN ('asked', 'confirmed') BEGIN SELECT RAISE(ABORT, 'UNIQUE: bookings_apart_coach_id') WHERE EXISTS (SELECT 1 FROM bookings b WHERE b.id <> NEW.id AND b.coach_id = NEW.coach_id AND b.state IN ('asked', 'confirmed') AND b.starts_at < NEW.free_at AND b.free_at > NEW.starts_at); END;
CREATE TRIGGER bookings_apart_founder_id_insert BEFORE INSERT ON bookings WHEN NEW.state IN ('asked', 'confirmed') BEGIN SELECT RAISE(ABORT, 'UNIQUE: bookings_apart_founder_id') WHERE EXISTS (SELECT 1 FROM bookings b WHERE b.id <> NEW.id AND b.founder_id = NEW.founder_id AND b.state IN ('asked', 'confirmed') AND b.starts_at < NEW.ends_at AND b.ends_at > NEW.starts_at); END;
CREATE TRIGGER bookings_apart_founder_id_update BEFORE UPDATE ON bookings WHEN NEW.state IN ('asked', 'confirmed') BEGIN SELECT RAISE(ABORT, 'UNIQUE: bookings_apart_founder_id') WHERE EXISTS (SELECT 1 FROM bookings b WHERE b.id <> NEW.id AND b.founder_id = NEW.founder_id AND b.state IN ('asked', 'confirmed') AND b.starts_at < NEW.ends_at AND b.ends_at > NEW.starts_at); END;
CREATE UNIQUE INDEX uq_addresses_user_id ON addresses (user_id, channel) WHERE user_id IS NOT NULL;
CREATE INDEX ix_broadcasts_state ON broadcasts (state);
CREATE INDEX ix_items_application_id ON items (application_id);
CREATE INDEX ix_mentions_person_id ON mentions (person_id);
CREATE INDEX ix_consents_person_id ON consents (person_id);
CREATE INDEX ix_outbox_broadcast_id ON outbox (broadcast_id, state) WHERE broadcast_id IS NOT NULL;
CREATE INDEX ix_outbox_planned ON outbox (broadcast_id, channel, id) WHERE state = 'planned';
CREATE INDEX ix_outbox_platform_id ON outbox (platform_id, channel) WHERE platform_id <> '';
CREATE INDEX ix_outbox_address ON outbox (address, channel, id);
CREATE INDEX ix_outbox_notices ON outbox (channel, sent_at) WHERE lane = 1 AND sent_at IS NOT NULL;
CREATE INDEX ix_outbox_unknown ON outbox (not_before) WHERE state = 'unknown';
COMMIT;
