// German, as lines of a table; SenseLine.swift says how they are spelled.

enum GermanWords {
    /// Times, numbers, and what joins them.
    static let text = """
        unit second: sekunde
        units second: sekunden
        unit minute: minute
        units minute: minuten
        unit hour: stunde
        units hour: stunden
        unit day: tag, tages
        units day: tage, tagen
        unit week: woche
        units week: wochen
        unit weekend: wochenende, wochenendes
        units weekend: wochenenden
        unit month: monat, monats
        units month: monate, monaten
        unit quarter: quartal, vierteljahr
        units quarter: quartale, quartalen
        unit year: jahr, jahres
        units year: jahre, jahren
        unit decade: jahrzehnt
        units decade: jahrzehnte, jahrzehnten
        unit century: jahrhundert
        units century: jahrhunderte
        role last: letzte, letzten, letzter, letztes, letztem, vorige, vorigen, voriger, voriges
        role last: vorigem, vergangene, vergangenen, vergangener, vergangenes
        role this: diese, diesen, dieser, dieses, diesem
        role next: nächste, nächsten, nächster, nächstes, nächstem, kommende, kommenden, kommender
        role next: kommendes
        role agoBefore: vor
        role in: in, im
        role on: am, an, zu, um, über, während, zum, zur, gegen
        role since: seit
        role until: bis, bis zum, bis zur
        role after: nach
        role from: von, vom, ab
        role between: zwischen
        role and: und
        role of: des, der
        role the: die, das, dem, den
        role lasting: für
        role lastingAfter: lang, hindurch
        role within: innerhalb, binnen
        role every: jeden, jede, jedes, jeder, pro, alle
        role times: mal, einmal, zweimal, dreimal, viermal
        role early: früh, frühen
        role middle: mitte
        role late: spät, späten
        role begin: anfang, beginn
        role end: ende
        role half: halb, halbe, halbes, halben, halber, halbem
        role all: ganze, ganzen, ganzes
        role about: etwa, ungefähr, rund, circa, ca, fast, knapp, gut
        role old: alt
        role or: oder
        part morning: morgens, vormittag, früh, am morgen, jeden morgen
        part noon: mittag
        part afternoon: nachmittag
        part evening: abend
        part night: nacht
        season spring: frühling, frühjahr
        season summer: sommer
        season autumn: herbst
        season winter: winter
        month 1: januar, jänner, jan
        month 2: februar, feb
        month 3: märz
        month 4: april, apr
        month 5: mai
        month 6: juni, jun
        month 7: juli, jul
        month 8: august, aug
        month 9: september, sept, sep
        month 10: oktober, okt
        month 11: november, nov
        month 12: dezember, dez
        weekday 1: montag, montagabend, montagmorgen
        weekday 2: dienstag, dienstagabend, dienstagmorgen
        weekday 3: mittwoch, mittwochabend, mittwochmorgen
        weekday 4: donnerstag, donnerstagabend
        weekday 5: freitag, freitagabend, freitagmorgen
        weekday 6: samstag, sonnabend, samstagabend, samstagmorgen
        weekday 7: sonntag, sonntagabend, sonntagmorgen
        abbreviation: jan, feb, apr, jun, jul, aug, sept, sep, okt, nov, dez, dr, prof, ca, nr, bzw
        number 1: ein, eine, einen, einem, einer, eins
        article: ein, eine, einen, einem, einer
        number 2: zwei
        number 2 3: paar
        number 3 6: einige, einigen, wenige, wenigen
        number 3 8: mehrere, mehreren
        number 3: drei
        number 4: vier
        number 5: fünf
        number 6: sechs
        number 7: sieben
        number 8: acht
        number 9: neun
        number 10: zehn
        number 11: elf
        number 12: zwölf
        number 13: dreizehn
        number 14: vierzehn
        number 15: fünfzehn
        number 20: zwanzig
        number 30: dreißig
        number 40: vierzig
        number 50: fünfzig
        number 100: hundert
        number 1000: tausend
        ordinal 1: erste, ersten, erster, erstes
        ordinal 2: zweite, zweiten, zweiter, zweites
        ordinal 3: dritte, dritten, dritter, drittes
        ordinal 4: vierte, vierten
        ordinal 5: fünfte, fünften
        ordinal 6: sechste, sechsten
        ordinal 7: siebte, siebten
        ordinal 8: achte, achten
        ordinal 9: neunte, neunten
        ordinal 10: zehnte, zehnten
        day -2: vorgestern
        day -1: gestern, gestern morgen
        day 0: heute, heute morgen
        day 1: morgen
        day 2: übermorgen
        holiday 1 1: neujahr, neujahrstag
        holiday 12 31: silvester
        holiday 2 14: valentinstag
        holiday 10 3: tag der deutschen einheit
        holiday 10 31: halloween, reformationstag
        holiday 12 6: nikolaus, nikolaustag
        holiday 12 24: heiligabend
        holiday 12 25: weihnachten
        holiday easter -2: karfreitag
        holiday easter 0: ostern, ostersonntag
        holiday easter 1: ostermontag
        holiday easter 49: pfingsten, pfingstsonntag
        """

    /// Everything else.
    static let grammar = """

        stop: aber, alle, allem, allen, aller, alles, als, also, am, an, ander, andere, anderen
        stop: auch, auf, aus, bei, bin, bis, bist, da, damit, dann, das, dass, dein, deine, dem, den
        stop: denn, der, des, dich, die, dies, diese, diesem, diesen, dieser, dieses, dir, doch
        stop: dort, du, durch, ein, eine, einem, einen, einer, eines, er, es, etwas, euch, euer
        stop: eure, für, gegen, gewesen, hab, habe, haben, hast, hat, hatte, hatten, hier, hin
        stop: hinter, ich, ihm, ihn, ihnen, ihr, ihre, ihrem, ihren, ihrer, im, in, indem, ins, ist
        stop: jede, jedem, jeden, jeder, jedes, jene, jetzt, kann, kannst, kein, keine, keinem
        stop: keinen, keiner, können, könnte, machen, man, manche, mein, meine, meinem, meinen
        stop: meiner, mich, mir, mit, muss, musste, nach, nicht, nichts, noch, nun, nur, ob, oder
        stop: ohne, sehr, sein, seine, seinem, seinen, seiner, selbst, sich, sie, sind, so, solche
        stop: soll, sollte, sondern, sonst, über, um, und, uns, unser, unsere, unter, viel, vom
        stop: von, vor, während, war, waren, warst, was, weg, weil, weiter, welche, welchem
        stop: welchen, welcher, welches, wenn, werde, werden, wie, wieder, will, wir, wird, wirst
        stop: wo, wollen, wollte, würde, würden, zu, zum, zur, zwar, zwischen, ja, nein, danke
        stop: hallo
        greeting: hallo, hi, hey, danke, ja, nein, liebe, lieber, tschüss
        first: ich, mich, mir, mein, meine, meinem, meinen, meiner, wir, uns, unser, unsere
        negation: nicht, kein, keine, keinen, keinem, keiner, nie, niemals, nichts, niemand
        past: war, waren, hatte, hatten, habe, hat, haben, ging, kam, sah, gewesen, wurde, wurden
        future: werde, wird, werden, wirst, will, wollen, plane, möchte
        reason: weil, denn, wegen, damit, deshalb, deswegen, darum, daher, grund, nämlich, um zu
        kin: mutter, mama, mami, vater, papa, eltern, schwester, schwestern, bruder, brüder
        kin: geschwister, sohn, söhne, tochter, töchter, kind, kinder, kindern, baby, ehefrau
        kin: ehemann, mann, frau, partner, partnerin, freundin, freund, freunde, freunden, oma
        kin: opa, großmutter, großvater, großeltern, enkel, enkelin, tante, onkel, cousin
        kin: cousine, nichte, neffe, familie, kollege, kollegin, nachbar, nachbarin, chef, chefin
        title: herr, frau, dr, prof, onkel, tante
        lead: in, im, ins, nach, bei, aus, zu, zum, zur, am, an, auf, durch
        place: park, strand, schule, uni, universität, büro, krankenhaus, klinik, restaurant
        place: café, kneipe, kirche, museum, theater, kino, bibliothek, laden, geschäft, markt
        place: supermarkt, bäckerei, stadion, bahnhof, flughafen, hotel, haus, wohnung, garten
        place: wald, berg, berge, see, fluss, insel, küste, stadt, dorf, land, straße, brücke, zoo
        auxiliary: ist, sind, war, waren, hat, haben, hatte, kann, können, wird, würde, soll, muss
        auxiliary: bist, hast, darf, will, mag
        when: wann, seit wann, bis wann, welches jahr, welchem jahr, welcher tag, welchem tag
        when: welches datum, um wie viel uhr, in welchem jahr, an welchem tag
        count: wie viele, wie viel, wieviel, wieviele, wie oft, wie alt, wie weit, wie hoch
        count: wie groß, wie teuer
        duration: wie lange, wie lang
        where: wo, wohin, woher, welche stadt, welcher stadt, welches land, welchem land
        who: wer, wem, wen, wessen
        why: warum, weshalb, wieso, weswegen, wozu, aus welchem grund
        what: was, welche, welcher, welches, welchen, welchem, wie
        amount: dutzend, hunderte, tausende, million, millionen, paar, mehrere, zweimal, dreimal
        intitle: der, die, das, und, von, vom, des, dem, den, in, im, zu, zur, am, an
        """
}
