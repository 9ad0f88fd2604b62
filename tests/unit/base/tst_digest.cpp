// Vectors of FIPS 180-4 and RFC 4231.
#include "core/base/digest.h"

#include "tests/support/text.h"

#include <set>

using namespace ratdeck;

class TestDigest : public QObject {
  Q_OBJECT
private Q_SLOTS:
  void sha256GivesThePublishedVectors();
  void hmacGivesThePublishedVectors();
  void oneChangedBitChangesTheDigest();
  void randomHexHasItsLengthAndDoesNotRepeat();
};

void TestDigest::sha256GivesThePublishedVectors() {
  QCOMPARE(sha256(""), std::string("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
  QCOMPARE(sha256("abc"), std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
  QCOMPARE(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
           std::string("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"));
  QCOMPARE(sha256(std::string(1'000'000, 'a')),
           std::string("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"));
}

void TestDigest::hmacGivesThePublishedVectors() {
  QCOMPARE(hmacSha256("Jefe", "what do ya want for nothing?"),
           std::string("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
  QCOMPARE(hmacSha256(std::string(20, '\x0b'), "Hi There"),
           std::string("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"));
  QCOMPARE(hmacSha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
           std::string("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
  QCOMPARE(hmacSha256("", ""),
           std::string("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"));
}

void TestDigest::oneChangedBitChangesTheDigest() {
  std::string text(64, 'x');
  std::set<std::string> seen{sha256(text)};
  for (size_t bit = 0; bit < text.size() * 8; ++bit) {
    auto other = text;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << bit % 8));
    seen.insert(sha256(other));
  }
  QCOMPARE(seen.size(), text.size() * 8 + 1);
}

void TestDigest::randomHexHasItsLengthAndDoesNotRepeat() {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    auto text = randomHex(8);
    QCOMPARE(text.size(), size_t(16));
    QCOMPARE(text.find_first_not_of("0123456789abcdef"), std::string::npos);
    seen.insert(text);
  }
  QCOMPARE(seen.size(), size_t(1000));
  QCOMPARE(randomHex(0), std::string());
}

QTEST_APPLESS_MAIN(TestDigest)
#include "tst_digest.moc"
