#pragma once

#include "dav/dispatch.h"

namespace dav {

/// The page at /: what this is, and how to connect each kind of client, with the addresses that the request came by.
/// Like all pages it comes with the headers that keep a browser from doing more with it than show it.
Response front_page(const Request& request, const Settings& settings);

/// What a browser sees of a collection: its members as links.
Response listing_page(Context& context);

/// Whether the one who asks is a browser that wants a page: GET or HEAD, with text/html in Accept.
bool wants_page(const Request& request);

}  // namespace dav
