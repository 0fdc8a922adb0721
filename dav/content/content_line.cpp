#include "dav/content/content_line.h"
