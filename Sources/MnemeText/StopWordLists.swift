// The function words of languages: articles, pronouns, prepositions, conjunctions, forms of
// auxiliaries. What is a topic elsewhere, or in another sense, is left out where it is common.

/// A list of words for each language that has one, as they are written.
enum StopWordLists {
    static let all: [TextLanguage: String] = [
        .danish: danish, .dutch: dutch, .english: english, .finnish: finnish, .french: french,
        .german: german, .hungarian: hungarian, .italian: italian, .norwegian: norwegian,
        .portuguese: portuguese, .russian: russian, .spanish: spanish, .swedish: swedish,
    ]

    private static let english = """
        a about above after again against all also am an and any are aren't as at be because been
        before being below between both but by can can't cannot could couldn't d did didn't do does
        doesn't doing don't done down during each either else ever few for from further get gets
        getting go goes going got had hadn't has hasn't have haven't having he he'd he'll he's her
        here here's hers herself him himself his how how's i i'd i'll i'm i've if in into is isn't
        it it'd it'll it's its itself just let let's like ll made make makes many may me might mine
        more most much must my myself neither no nor not now of off oh ok on once only onto or other
        our ours ourselves out over own perhaps please quite rather re really s same shall she she'd
        she'll she's should shouldn't since so some such t than that that'd that'll that's the their
        theirs them themselves then there there's these they they'd they'll they're they've this
        those though through thus to too under until up upon us ve very was wasn't we we'd we'll
        we're we've were weren't what what's when when's where where's whether which while who who's
        whom whose why why's will with within without won't would wouldn't yes yet you you'd you'll
        you're you've your yours yourself yourselves
        """

    private static let german = """
        aber alle allem allen aller alles als also am an ander andere anderem anderen anderer
        anderes auch auf aus bei beim bin bis bist da damit dann das dass daß dasselbe dazu dein
        deine deinem deinen deiner deines dem den denn der derer des deshalb dessen dich die dies
        diese dieselbe diesem diesen dieser dieses dir doch dort du durch ein eine einem einen einer
        eines einig einige einigem einigen einiger einiges er es etwas euch euer eure eurem euren
        eurer eures für gegen gewesen hab habe haben habt hast hat hatte hatten hattest hier hin
        hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer ihres im in indem ins ist ja jede jedem
        jeden jeder jedes jene jenem jenen jener jenes jetzt kann kannst kein keine keinem keinen
        keiner keines können könnt könnte könnten man manche manchem manchen mancher manches mein
        meine meinem meinen meiner meines mich mir mit muss musste muß nach nicht nichts noch nun
        nur ob oder ohne sehr sein seine seinem seinen seiner seines seit selbst sich sie sind so
        solche solchem solchen solcher solches soll sollen sollte sollten sondern sonst über um und
        uns unser unsere unserem unseren unserer unter viel vom von vor während war waren warst was
        weil welche welchem welchen welcher welches wem wen wenn wer werde werden werdet wessen wie
        wieder will wir wird wirst wo wollen wollte wurde wurden würde würden zu zum zur zwar
        zwischen
        """

    private static let french = """
        a à ai aie aient aies ait alors as au aucun aucune aura aurai auraient aurais aurait aurez
        auront aussi autre autres aux avaient avais avait avec avez aviez avions avoir avons ayant c
        ça car ce ceci cela ces cet cette ceux chez ci comme comment d dans de depuis des dès donc
        dont du elle elles en encore entre es est et étaient étais était étant été êtes être eu
        eurent eus eut eux fait fut furent il ils j je jusqu jusque l la là le les leur leurs
        lorsque lui m ma mais me même mêmes mes moi moins mon n ne ni nos notre nôtre nous on ont ou
        où par parce pas pendant peu peut plus pour pourquoi puis qu quand que quel quelle quelles
        quels qui quoi s sa sans se sera serai seraient serais serait serez seront ses si soi sois
        soit sommes son sont sous suis sur t ta te tes toi ton toujours tous tout toute toutes très
        tu un une vers voici voilà vos votre vôtre vous y
        """

    private static let spanish = """
        a al algo alguna algunas alguno algunos ante antes aquel aquella aquellas aquellos aquello
        así aún aunque cada como cómo con contra cual cuál cuales cuáles cuando cuándo de del desde
        donde dónde dos e él el ella ellas ellos en entre era erais eran eras es esa esas ese eso
        esos esta está estaba estaban estado están estar estas este esto estos estoy fue fueron fui
        ha había habían han has hasta hay he hemos la las le les lo los más me mi mí mía mías
        mientras mío míos mis mucho muchos muy nada ni no nos nosotras nosotros nuestra nuestras
        nuestro nuestros o os otra otras otro otros para pero poco por porque pues que qué quien
        quién quienes se sea sean según ser será si sí sido siempre sin sino sobre sois somos son
        soy su sus suya suyas suyo suyos también tampoco tan tanto te tenía tengo ti tiene tienen
        todo todos tu tú tus tuya tuyas tuyo tuyos un una unas uno unos vosotras vosotros vuestra
        vuestras vuestro vuestros y ya yo
        """

    private static let italian = """
        a abbia abbiamo abbiano ad agli ai al all alla alle allo anche ancora avemmo avendo aveva
        avevano avevo avete avuto c che chi ci ciò coi col come con contro cui d da dagli dai dal
        dall dalla dalle dallo degli dei del dell della delle dello di dopo dove due e è ebbe ed
        ella era erano ero essendo essere esso fa fino fosse fossero fra fu furono gli ha hai hanno
        ho i il in io l la là le lei li lo loro lui ma me mi mia mie miei mio ne negli nei nel nell
        nella nelle nello no noi non nostra nostre nostri nostro o ogni per perché però più poi
        prima qual quale quali quando quanta quante quanti quanto quella quelle quelli quello questa
        queste questi questo qui s sarà saranno se sei sempre senza si sia siamo siano siete sono
        sta stata state stati stato su sua sue sugli sui sul sull sulla sulle sullo suo suoi t ti
        tra tu tua tue tuo tuoi tutta tutte tutti tutto un una uno v vi voi vostra vostre vostri
        vostro
        """

    private static let portuguese = """
        a à ainda algo alguém algum alguma algumas alguns ante antes ao aos apenas aquela aquelas
        aquele aqueles aquilo as às assim até cada com como contra da das de dela delas dele deles
        depois desde do dos e é ela elas ele eles em entre era eram essa essas esse esses esta está
        estão estas estava estavam este estes estou eu foi foram for fosse há isso isto já lhe lhes
        lo mais mas me mesmo meu meus mim minha minhas muito muitos na nas não nem no nos nós nossa
        nossas nosso nossos num numa o onde os ou outra outras outro outros para pela pelas pelo
        pelos per perante pois por porque porquê quais qual quando quanto que quê quem são se seja
        sem sempre sendo ser será serão seu seus si sido só sob sobre somos sou sua suas também tão
        te tem têm tenho ter teu teus teve ti tinha tinham todas todo todos tu tua tuas tudo um uma
        umas uns você vocês vos vós
        """

    private static let dutch = """
        aan achter al alle alles als altijd andere ben bij binnen dan dat de deze die dit doch doen
        door dus een eens en er ge geen geweest had hadden heb hebben heeft hem hen het hier hij hoe
        hun iemand iets ik in is ja je jij jou jouw jullie kan kon kunnen maar me meer men met mij
        mijn moet na naar naast niet niets nog nu of om omdat onder ons onze ook op over reeds sinds
        te tegen toch toen tot tussen u uit uw van veel via voor waar waarom wanneer want waren was
        wat we weer wel welk welke werd werden wie wij wil worden wordt zal ze zelf zich zij zijn zo
        zonder zou zouden
        """

    private static let swedish = """
        alla allt att av bara blev bli blir de deras dem den denna dess dessa det detta dig din dina
        ditt du där då efter ej eller en er era ert ett från för ha hade han hans har henne hennes
        hon honom hur här i icke ingen inom inte jag ju kan kunde man med mellan men mig min mina
        mitt mot mycket ni nu när någon något några och om oss på samma sedan sig sin sina sitt ska
        skall skulle som så sådan sådana sådant till under upp ut utan vad var vara varför varit
        varje vars vart vem vi vid vilka vilken vilket vår våra vårt än är åt över
        """

    private static let danish = """
        ad af alle alt anden at blev blive bliver da de dem den denne der deres det dette dig din
        disse dit dog du efter eller en end er et for fra ham han hans har have havde hende hendes
        her hos hun hvad hvem hvilken hvilke hvilket hvis hvor hvordan hvorfor hvornår i ikke ind
        ingen jeg jer jo kan kunne man mange med meget men mellem mig min mine mit mod ned noget
        nogle nu når og også om op os over på samme selv sig sin sine sit skal skulle som sådan så
        thi til ud uden under var ved vi vil ville vor være været
        """

    private static let norwegian = """
        alle alt at av bare begge ble blei bli blir blitt da de deg dei deim deira dem den denne der
        dere deres det dette di din disse ditt du då eg ei eller en enn er et ett etter for fordi
        fra før ha hadde han hans har henne hennes her hjå ho hos hoss hun hva hvem hver hvilke
        hvilken hvis hvor hvordan hvorfor i ikke ikkje ingen inn ja jeg kan kom korleis korso kun
        kunne kva kvar kven kvifor man mange me med medan meg meget mellom men mi min mine mitt mot
        mykje nå når noe noen nokon og også om opp oss over på samme seg selv si sia sidan siden sin
        sine sitt sjøl skal skulle slik so som somme så til um under upp ut uten var vart vår være
        vært ved vi vil ville
        """

    private static let finnish = """
        ei eivät emme en et ette että he heidän heidät heille heissä heistä heitä hän häneen hänelle
        hänen hänessä hänestä hänet häntä itse ja johon joiden joihin joiksi joilla joille joissa
        joista joita joka joko joksi jolla jolle jolta jonka jos jossa josta jota jotka kanssa
        keiden keitä keneen kenelle kenen kenet ketkä ketä koska kuin kuinka kuka kun kyllä me
        meidän meidät meille meistä meitä mihin mikä miksi millä mille milloin minkä minua minulla
        minulle minun minusta minut minä missä mistä mitkä mitä mukaan mutta myös ne niiden niin
        niistä niitä noin nuo nyt näiden näin näitä nämä ole olemme olen olet olette oli olimme olin
        olisi olit olivat olla olleet ollut on onko ovat poikki se sekä sen siihen siinä siis siitä
        sillä sille sinua sinulla sinulle sinun sinusta sinut sinä sitä tai tällä te teidän teidät
        teille teitä tuo tämä tämän tänä tässä tästä tätä vaan vai vaikka yli
        """

    private static let hungarian = """
        a abban ahhoz ahogy ahol aki akik akkor alatt által általában amely amelyek amelyet ami amit
        amíg annak arra arról át az azok azon azonban azt aztán azután azzal be belül benne csak de
        e ebben eddig egy egyes egyik egyéb együtt ehhez ekkor előtt el ellen én ennek erre és ez
        ezek ezen ezt ezzel fel felé hanem hogy hogyan ha ide így igen illetve ilyen inkább is itt
        jó kell keresztül ki kívül közben között közül le lehet legyen lesz maga már más meg mely
        melyek mert mi mikor milyen mind minden mindig mint mit most nagyon ne neki nekem nem nincs
        oda olyan ott össze ő ők őket pedig saját se sem semmi sok szemben szerint szinte talán te
        tehát ti több tovább úgy után utána vagy vagyok való van vannak vele vissza volna volt
        voltak voltam
        """

    private static let russian = """
        а без более бы был была были было быть в вам вас ваш ваша ваши весь во вот все всего всех вы
        где да даже для до его ее её если есть еще ещё же за здесь и из изо или им их к как какая
        какие какой кем когда кого которая которые который кто куда ли либо между меня мне мной мой
        моя мои мы на над надо нам нас наш наша наши не него нее неё нет ни нибудь ним них но о об
        обо один одна однако он она они оно от ото очень по под после потому почему при про с сам
        сама сами свой своя свои себе себя со так также такой там те тебе тебя тем то тобой тогда
        того тоже той только том тот ту ты у уж уже хотя чего чей чем что чтоб чтобы чье чья эта эти
        это этого этой этом этот эту я
        """
}
