// English, as lines of a table; SenseLine.swift says how they are spelled.

enum EnglishWords {
    /// Times, numbers, and what joins them.
    static let text = """
        unit second: second, sec
        units second: seconds, secs
        unit minute: minute, min
        units minute: minutes, mins
        unit hour: hour, hr
        units hour: hours, hrs
        unit day: day
        units day: days
        unit week: week, wk
        units week: weeks, wks
        unit weekend: weekend
        units weekend: weekends
        unit fortnight: fortnight
        units fortnight: fortnights
        unit month: month
        units month: months, mths
        unit quarter: quarter
        units quarter: quarters
        unit year: year, yr
        units year: years, yrs
        unit decade: decade
        units decade: decades
        unit century: century
        units century: centuries
        role last: last, previous, preceding
        role past: past
        role this: this
        role next: next, coming, upcoming
        role other: other
        role ago: ago, back
        role fromNow: from now, hence, from today
        role in: in
        role on: on, at, during, over, around, throughout
        role since: since, ever since
        role until: until, till, til, by, up to, up until
        role before: before, prior to
        role after: after
        role from: from
        role to: to, through, thru
        role between: between
        role and: and
        role of: of
        role the: the
        role lasting: for, took, lasted, spent
        role within: within
        role every: every, each, per
        role times: times, once, twice, thrice
        role early: early
        role middle: mid, middle, the middle of
        role late: late
        role begin: beginning, start, the beginning of, the start of
        role end: end, the end of
        role earlier: earlier
        role later: later
        role half: half
        role all: all, whole, entire
        role about: about, approximately, roughly, almost, nearly, circa, some
        role about: more than, less than, at least
        role old: old
        role or: or
        part morning: morning, mornings
        part noon: noon, midday, lunchtime
        part afternoon: afternoon, afternoons
        part evening: evening, evenings
        part night: night, nights, midnight
        season spring: spring, springtime
        season summer: summer, summertime
        season autumn: autumn, fall
        season winter: winter, wintertime
        month 1: january, jan
        month 2: february, feb
        month 3: march, mar
        month 4: april, apr
        month 5: may
        month 6: june, jun
        month 7: july, jul
        month 8: august, aug
        month 9: september, sep, sept
        month 10: october, oct
        month 11: november, nov
        month 12: december, dec
        weekday 1: monday, mon
        weekday 2: tuesday, tue, tues
        weekday 3: wednesday, wed
        weekday 4: thursday, thu, thur, thurs
        weekday 5: friday, fri
        weekday 6: saturday, sat
        weekday 7: sunday, sun
        ambiguous: may, march, mar, jan, jun, dec, mon, wed, sat, sun, tue, fri
        abbreviation: jan, feb, mar, apr, jun, jul, aug, sep, sept, oct, nov, dec
        abbreviation: mon, tue, tues, wed, thu, thur, thurs, fri, sat, sun
        abbreviation: mr, mrs, ms, dr, prof, st, jr, sr, vs, etc, approx
        number 1: a, an, one
        article: a, an
        number 2: two
        number 2 3: couple
        number 3 6: few
        number 3 8: several
        number 3: three
        number 4: four
        number 5: five
        number 6: six
        number 7: seven
        number 8: eight
        number 9: nine
        number 10: ten
        number 11: eleven
        number 12: twelve, dozen
        number 13: thirteen
        number 14: fourteen
        number 15: fifteen
        number 16: sixteen
        number 17: seventeen
        number 18: eighteen
        number 19: nineteen
        number 20: twenty
        number 30: thirty
        number 40: forty
        number 50: fifty
        number 60: sixty
        number 70: seventy
        number 80: eighty
        number 90: ninety
        number 100: hundred
        number 1000: thousand
        ordinal 1: first
        ordinal 2: second
        ordinal 3: third
        ordinal 4: fourth
        ordinal 5: fifth
        ordinal 6: sixth
        ordinal 7: seventh
        ordinal 8: eighth
        ordinal 9: ninth
        ordinal 10: tenth
        ordinal 11: eleventh
        ordinal 12: twelfth
        ordinal 13: thirteenth
        ordinal 14: fourteenth
        ordinal 15: fifteenth
        ordinal 16: sixteenth
        ordinal 17: seventeenth
        ordinal 18: eighteenth
        ordinal 19: nineteenth
        ordinal 20: twentieth
        ordinal 30: thirtieth
        day -2: day before yesterday, the day before yesterday
        day -1: yesterday
        day 0: today, tonight, this very day
        day 1: tomorrow
        day 2: day after tomorrow, the day after tomorrow
        holiday 1 1: new year's, new year's day, new years day
        holiday 12 31: new year's eve, new years eve
        holiday 2 14: valentine's, valentine's day, valentines day
        holiday 3 17: st patrick's day, saint patrick's day
        holiday 4 1: april fools, april fool's day
        holiday 7 4: independence day, fourth of july
        holiday 10 31: halloween
        holiday 11 11: veterans day, armistice day
        holiday 12 24: christmas eve
        holiday 12 25: christmas, xmas, christmas day
        holiday 12 26: boxing day
        holiday 11 4th 4: thanksgiving, thanksgiving day
        holiday 5 5th 1: memorial day
        holiday 9 1st 1: labor day
        holiday 5 2nd 7: mother's day
        holiday easter 0: easter, easter sunday
        holiday easter -2: good friday
        holiday easter 1: easter monday
        """

    /// Everything else.
    static let grammar = """

        stop: a, about, above, after, again, against, all, also, am, an, and, any, are, aren't, as
        stop: at, be, because, been, before, being, below, between, both, but, by, can, can't
        stop: cannot, could, couldn't, did, didn't, do, does, doesn't, doing, don't, done, down
        stop: during, each, either, else, ever, for, from, further, get, gets, getting, go, goes
        stop: going, got, had, hadn't, has, hasn't, have, haven't, having, he, he'd, he'll, he's
        stop: her, here, here's, hers, herself, him, himself, his, how, how's, i, i'd, i'll, i'm
        stop: i've, if, in, into, is, isn't, it, it'd, it'll, it's, its, itself, just, let, let's
        stop: like, made, make, makes, many, may, me, might, mine, more, most, much, must, my
        stop: myself, neither, no, nor, not, now, of, off, oh, ok, on, once, only, onto, or, other
        stop: our, ours, ourselves, out, over, own, perhaps, please, quite, rather, really, same
        stop: shall, she, she'd, she'll, she's, should, shouldn't, since, so, some, such, than, that
        stop: that'd, that'll, that's, the, their, theirs, them, themselves, then, there, there's
        stop: these, they, they'd, they'll, they're, they've, this, those, though, through, thus, to
        stop: too, under, until, up, upon, us, very, was, wasn't, we, we'd, we'll, we're, we've
        stop: were, weren't, what, what's, when, when's, where, where's, whether, which, while, who
        stop: who's, whom, whose, why, why's, will, with, within, without, won't, would, wouldn't
        stop: yes, yet, you, you'd, you'll, you're, you've, your, yours, yourself, yourselves, well
        stop: hey, hi, hello, wow, yeah, thanks, thank, sure, okay, so that, as well, gonna, wanna
        stop: good, great, nice, cool, awesome, sounds, hope, absolutely, definitely, exactly, maybe
        stop: sorry, congrats, congratulations, yup, yep, nope, haha, lol, omg, btw, indeed, right
        stop: bye, goodbye, anytime, woah, whoa, dear, thank you, good morning, good night
        greeting: hey, hi, hello, thanks, thank you, bye, goodbye, anytime, yeah, yep, yup, wow
        greeting: woah, whoa, dear, ok, okay, sure, oh, no, yes, congrats, congratulations, awesome
        greeting: great
        greeting: cool, nice, sorry, well, good morning, good night, absolutely, definitely, exactly
        first: i, i'm, i've, i'd, i'll, me, my, mine, myself, we, we're, we've, we'd, we'll, us, our
        first: ours, ourselves, let's
        negation: not, no, never, don't, doesn't, didn't, isn't, aren't, wasn't, weren't, can't
        negation: cannot, couldn't, won't, wouldn't, shouldn't, haven't, hasn't, hadn't, nobody
        negation: nothing, none, neither, nor
        past: haven't, hasn't, hadn't
        past: was, were, had, did, went, got, made, took, came, saw, met, said, told, found, gave
        past: bought, brought, began, felt, left, lost, won, wrote, read, ran, sang, spoke, spent
        past: taught, thought, kept, led, heard, held, hit, been, done, gone, seen, i've
        past: we've, ate, drank, drove, flew, grew, knew, sold, slept, woke, wore, built, caught
        past: chose, became, broke, fell, forgot, paid, rode, sent, stood, swam, threw
        future: will, shall, i'll, we'll, you'll, he'll, she'll, they'll, it'll, gonna, going to
        future: plan, plans, planning, upcoming, hope to, want to, looking forward, tomorrow
        reason: because, due to, so that, in order to, that's why, the reason, reason
        reason: reasons, thanks to, as a result, therefore, cause, 'cause, cuz, coz, so i can
        reason: so we can, so i could, to be able to, motivated, inspired, motivates, inspires
        reason: wanted to, hoping to, led me to
        kin: mother, mom, mum, mommy, mama, father, dad, daddy, papa, parent, parents, sister
        kin: sisters, brother, brothers, sibling, siblings, son, sons, daughter, daughters, child
        kin: children, kid, kids, baby, wife, husband, spouse, partner, girlfriend, boyfriend
        kin: fiance, fiancé, fiancée, grandma, grandpa, grandmother, grandfather, granny, nana
        kin: grandparents, grandson, granddaughter, grandkids, aunt, auntie, uncle, cousin
        kin: cousins, niece, nephew, family, friend, friends, colleague, colleagues, coworker
        kin: coworkers, neighbor, neighbour, neighbors, boss, teacher, roommate, stepmother
        kin: stepfather, stepsister, stepbrother, in-laws, relatives, twins, mentor, coach
        title: mr, mrs, ms, dr, prof, professor, doctor, sir, madam, aunt, uncle, grandma, grandpa
        lead: in, at, to, from, near, into, through, around, across, toward, towards, visit
        lead: visited, visiting, outside, inside, beside, behind, by, near to, live in, via
        place: park, beach, school, college, university, office, hospital, clinic, restaurant
        place: cafe, café, bar, pub, church, temple, mosque, museum, gallery, theater, theatre
        place: cinema, library, store, shop, mall, market, supermarket, bakery, gym, pool, stadium
        place: studio, station, airport, hotel, hostel, house, home, apartment, flat, garden, farm
        place: forest, woods, mountain, mountains, lake, river, island, coast, city, town, village
        place: country, downtown, neighborhood, street, road, bridge, zoo, shelter, center, centre
        place: club, court, lab, laboratory, factory, camp, campsite, trail, countryside, kitchen
        place: backyard, bedroom, classroom, abroad, castle, palace, plaza, square, harbor, port
        noname: english, american, british, french, german, spanish, italian, chinese, japanese
        noname: indian, african, european, mexican, asian, christian, god, internet, tv, ok, usa
        noname: us, uk, lgbtq, dvd, cd, pc, ai, diy, url, id, covid
        auxiliary: is, are, was, were, am, do, does, did, has, have, had, can, could, will, would
        auxiliary: should, shall, may, might, must, isn't, aren't, wasn't, weren't, don't, doesn't
        auxiliary: didn't, hasn't, haven't, hadn't, can't, couldn't, won't, wouldn't, shouldn't
        when: when, when's, what time, what day, what date, which day, what year, which year
        when: what month, which month, which week, what week, since when, until when, which date
        when: what weekend, which weekend, what season, which season, how long ago
        count: how many, how much, how often, how far, how old, how tall, how big, how large
        count: how high, how heavy, what number, how fast, how deep, how wide, how frequently
        count: how many years, how many months, how many weeks, how many days, how many hours
        count: how many minutes, what percentage, what age, at what age, how expensive, what price
        duration: how long, for how long, how much time, how many years
        duration: how many months, how many weeks, how many days, how many hours, how many minutes
        where: where, where's, which city, what city, which country, what country, which place
        where: what place, what town, which town, which state, what state, what location
        where: which location, what address, which street, which park, which hotel
        who: who, who's, whom, whose, which person, which people, which friend, what friend
        who: what's the name
        why: why, why's, how come, what reason, for what reason, what motivated, what inspired
        why: what made, what caused, what prompted, what led, what motivates, what inspires
        what: what, what's, which, how, how's
        stop: how many, how much, how often, how far, how old, how long, how come
        amount: dozens, hundreds, thousands, millions, million, billion, couple, several, twice
        amount: thrice, percent, double, triple, pair
        intitle: of, the, and, in, to, a, an, for, on, at, with
        """
}
