#include <catch2/catch.hpp>

#include "dav/error.h"
#include "dav/xml.h"

namespace {

using dav::xml::Document;

std::string reason(const std::string& text, const dav::xml::Limits& limits = {}) {
  try {
    Document::parse(text, limits);
  } catch (const dav::Error& error) {
    CHECK(error.status() == 400);
    return error.reason();
  }
  return "accepted";
}

std::string utf16(const std::string& ascii, bool big_endian) {
  std::string out = big_endian ? "\xFE\xFF" : "\xFF\xFE";
  for (const char c : ascii) {
    if (big_endian) out += '\0';
    out += c;
    if (!big_endian) out += '\0';
  }
  return out;
}

std::string escaped(std::string_view text) {
  std::string out;
  dav::xml::escape(out, text);
  return out;
}

}  // namespace

TEST_CASE("a body becomes a tree") {
  const auto document = Document::parse(
      "<?xml version=\"1.0\"?><!-- why --><D:propfind xmlns:D='DAV:' xmlns='urn:x'>\n <D:prop><a b=\"1&lt;2\"/><D:b "
      "xml:lang='de'>x "
      "<![CDATA[<y>]]>&amp;<c/> z</D:b></D:prop></D:propfind>");
  const auto& root = document.root();
  CHECK(root.is("DAV:", "propfind"));
  const auto* prop = root.child("DAV:", "prop");
  REQUIRE(prop);
  REQUIRE(prop->children().size() == 2);
  CHECK(prop->children()[0]->is("urn:x", "a"));
  CHECK(prop->children()[0]->attribute("b") == "1<2");
  CHECK(prop->children()[1]->lang == "de");
  CHECK(prop->children()[1]->text() == "x <y>& z");
  CHECK(prop->children()[1]->child("urn:x", "c")->lang == "de");
  CHECK(root.child("DAV:", "absent") == nullptr);
}

TEST_CASE("what is not well-formed is refused with its place") {
  CHECK(reason("<a>\n <b>\n</a>").find("line 3, column ") != std::string::npos);
  const std::string refused[] = {"",
                                 "   ",
                                 "a",
                                 "<a>",
                                 "<a/><b/>",
                                 "<a></b>",
                                 "<a b='1' b='2'/>",
                                 "<a>&unknown;</a>",
                                 "<a b='&unknown;'/>",
                                 "<D:a/>",
                                 "<a D:b='1'/>",
                                 "<a xmlns:b=''/>",
                                 "<a xmlns:x='u' xmlns:y='u' x:b='1' y:b='1'/>",
                                 "<a><!-- -- --></a>",
                                 "<a>\x01</a>",
                                 "<a>\xFF</a>",
                                 "<a>\xC0\x80</a>",
                                 "<a>&#0;</a>",
                                 "<a b='<'/>",
                                 "<?xml version='1.0' encoding='utf-7'?><a/>",
                                 "<?xml version='1.0' encoding='ebcdic-cp-us'?><a/>",
                                 "\xFF\xFE\x3C"};
  for (const auto& text : refused) {
    INFO(text);
    CHECK(reason(text) != "accepted");
  }
}

TEST_CASE("a document type is refused wherever it stands") {
  CHECK(reason("<!DOCTYPE a><a/>").find("document type") != std::string::npos);
  CHECK(reason("<?xml version='1.0'?>\n<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>").find("line 2, column 1") !=
        std::string::npos);
  CHECK(reason(utf16("<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", true)).find("document type") != std::string::npos);
  CHECK(reason("<!doctype a><a/>") != "accepted");
  CHECK(reason("<a><![CDATA[<!DOCTYPE a>]]><!-- <!DOCTYPE a> --></a>") == "accepted");
}

TEST_CASE("depth, size, elements, tags and namespaces are bounded") {
  dav::xml::Limits limits;
  limits.depth = 3;
  limits.elements = 4;
  limits.size = 200;
  CHECK(reason("<a><b><c/></b></a>", limits) == "accepted");
  CHECK(reason("<a><b><c><d/></c></b></a>", limits).find("deep") != std::string::npos);
  CHECK(reason("<a><b/><b/><b/></a>", limits) == "accepted");
  CHECK(reason("<a><b/><b/><b/><b/></a>", limits).find("elements") != std::string::npos);
  CHECK(reason("<a>" + std::string(200, ' ') + "</a>", limits) != "accepted");
  CHECK(reason("<a b='" + std::string(16300, 'x') + "'/>") == "accepted");
  CHECK(reason("<a b='" + std::string(16400, 'x') + "'/>").find("16 KiB") != std::string::npos);
  std::string attributes, namespaces;
  for (int i = 0; i < 256; ++i) attributes += " a" + std::to_string(i) + "=''";
  CHECK(reason("<a" + attributes + "/>") == "accepted");
  CHECK(reason("<a" + attributes + " b=''/>").find("256") != std::string::npos);
  for (int i = 0; i < 200; ++i) namespaces += " xmlns:n" + std::to_string(i) + "='u'";
  CHECK(reason("<a><b" + namespaces + "/><b" + namespaces + "/></a>") == "accepted");
  std::string names;
  for (int i = 0; i < 5000; ++i) names += "<n" + std::to_string(i) + "/>";
  CHECK(reason("<a>" + names + "</a>").find("different names") != std::string::npos);
  CHECK(reason("<a" + namespaces + "><b" + namespaces + "/></a>").find("namespaces") != std::string::npos);
}

TEST_CASE("UTF-8 with and without mark, UTF-16 and ISO 8859-1 are read") {
  CHECK(Document::parse("\xEF\xBB\xBF<a>\xC3\xA9</a>").root().text() == "\xC3\xA9");
  CHECK(Document::parse("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE9</a>").root().text() == "\xC3\xA9");
  CHECK(Document::parse(utf16("<?xml version='1.0' encoding='utf-16'?><a>b</a>", true)).root().text() == "b");
  CHECK(Document::parse(utf16("<a>b</a>", false)).root().text() == "b");
  CHECK(Document::parse(std::string("\xFF\xFE<\0a\0>\0\x3D\xD8\x00\xDE<\0/\0a\0>\0", 20)).root().text() ==
        "\xF0\x9F\x98\x80");
}

TEST_CASE("an element is written as a fragment that stands alone") {
  struct Case {
    const char* body;
    const char* fragment;
  };
  const Case cases[] = {
      {"<D:p xmlns:D='DAV:' xmlns:x='urn:x' xmlns:y='urn:y'><x:a/></D:p>", "<x:a xmlns:x=\"urn:x\"/>"},
      {"<p xmlns='urn:d' xml:lang='fr'><a> t <b/>&amp;\t</a></p>",
       "<a xmlns=\"urn:d\" xml:lang=\"fr\"> t <b/>&amp;\t</a>"},
      {"<p xmlns='urn:d'><a xmlns=''><b xmlns='urn:e'/></a></p>", "<a xmlns=\"\"><b xmlns=\"urn:e\"/></a>"},
      {"<p><a xml:lang='en'/></p>", "<a xml:lang=\"en\"/>"},
      {"<p xmlns:q='urn:q' xmlns:r='urn:r'><a type='q:name'>r:x</a></p>",
       "<a xmlns:q=\"urn:q\" xmlns:r=\"urn:r\" type=\"q:name\">r:x</a>"},
      {"<p xmlns:q='urn:q'><q:a q:b='&quot;&#10;&lt;'><![CDATA[<&>]]></q:a></p>",
       "<q:a xmlns:q=\"urn:q\" q:b=\"&quot;&#10;&lt;\">&lt;&amp;&gt;</q:a>"},
      {"<p xmlns:q='urn:1'><q:a><q:b xmlns:q='urn:2'/></q:a></p>",
       "<q:a xmlns:q=\"urn:1\"><q:b xmlns:q=\"urn:2\"/></q:a>"},
  };
  for (const auto& [body, fragment] : cases) {
    const auto document = Document::parse(body);
    const auto written = dav::xml::serialize(*document.root().children().front());
    CHECK(written == fragment);
    CHECK(dav::xml::serialize(Document::parse(written).root()) == fragment);
  }
}

TEST_CASE("text is escaped so that it can be read back") {
  // Wherever it stands among plain octets, which are looked at eight at a time.
  for (std::size_t at = 0; at < 20; ++at) {
    std::string text(20, 'x');
    for (const auto& [octet, stands] : {std::pair('&', "&amp;"), std::pair('<', "&lt;"), std::pair('>', "&gt;"),
                                        std::pair('\r', "&#13;"), std::pair('\x1F', ""), std::pair('\x7F', "\x7F"),
                                        std::pair('\x80', "\xEF\xBF\xBD"), std::pair('?', "?"), std::pair(' ', " ")}) {
      text[at] = octet;
      CHECK(escaped(text) == std::string(at, 'x') + stands + std::string(19 - at, 'x'));
    }
  }
  CHECK(escaped("a<b>&\"c\"") == "a&lt;b&gt;&amp;\"c\"");
  CHECK(escaped("a\r\nb\tc") == "a&#13;\nb\tc");
  CHECK(escaped(std::string_view("a\0\x1F"
                                 "b",
                                 4)) == "ab");
  CHECK(escaped("\xC3\xA9\xF0\x9F\x98\x80") == "\xC3\xA9\xF0\x9F\x98\x80");
  for (const char* bad : {"\xC3", "\xFF", "\xED\xA0\x80", "\xEF\xBF\xBF", "\xF4\x90\x80\x80", "\xC0\xAF"}) {
    INFO(bad);
    CHECK(reason("<a>" + escaped(bad) + "</a>") == "accepted");
  }
  std::string attribute;
  dav::xml::escape_attribute(attribute, "a\"\n\t<\xC3\xA9");
  CHECK(attribute == "a&quot;&#10;&#9;&lt;\xC3\xA9");
}

TEST_CASE("tags carry the prefixes of the root, or their own") {
  std::string out;
  dav::xml::open_tag(out, "DAV:", "prop");
  dav::xml::empty_tag(out, "urn:ietf:params:xml:ns:caldav", "x");
  dav::xml::open_tag(out, "urn:\"q", "y");
  dav::xml::close_tag(out, "urn:\"q", "y");
  dav::xml::empty_tag(out, "", "z");
  dav::xml::close_tag(out, "DAV:", "prop");
  CHECK(out == "<D:prop><C:x/><X:y xmlns:X=\"urn:&quot;q\"></X:y><z/></D:prop>");
}

TEST_CASE("a refusal's body names the condition and its resources") {
  const dav::Error uid = dav::Error{dav::condition::no_uid_conflict, "why & where"}.with_href("/a&b");
  const auto body = dav::error_xml(uid);
  const auto document = Document::parse(body);
  const auto* element = document.root().child("urn:ietf:params:xml:ns:caldav", "no-uid-conflict");
  REQUIRE(element);
  CHECK(element->child("DAV:", "href")->text() == "/a&b");
  CHECK(dav::error_xml(dav::Error{dav::condition::not_found}).empty());
  const auto privilege = Document::parse(dav::error_xml(
      dav::Error{dav::condition::need_privileges}.with_href("/x").with_detail("<D:privilege><D:bind/></D:privilege>")));
  const auto* resource = privilege.root().child("DAV:", "need-privileges")->child("DAV:", "resource");
  REQUIRE(resource);
  CHECK(resource->child("DAV:", "privilege")->child("DAV:", "bind"));
}
