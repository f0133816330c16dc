#include "CTokenTable.h"
