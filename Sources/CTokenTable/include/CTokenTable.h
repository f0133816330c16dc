// Replaced by the token table.
#ifndef MNEME_CTOKENTABLE_H
#define MNEME_CTOKENTABLE_H
#endif
