#include "core/journal/keys.h"

#include "core/base/digest.h"
#include "core/base/file.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

namespace ratdeck {

namespace {

using PKey = std::shared_ptr<EVP_PKEY>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

constexpr std::string_view keyPrefix = "ed25519:";
constexpr size_t maxKeyFile = 16384;

PKey owned(EVP_PKEY* key) {
  return {key, EVP_PKEY_free};
}

std::string toHex(const unsigned char* bytes, size_t size) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < size; ++i) {
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
  }
  return text;
}

int digitOf(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

template <size_t Size>
std::optional<std::array<unsigned char, Size>> fromHex(std::string_view text) {
  std::array<unsigned char, Size> bytes{};
  if (text.size() != 2 * Size)
    return {};
  for (size_t i = 0; i < Size; ++i) {
    auto high = digitOf(text[2 * i]);
    auto low = digitOf(text[2 * i + 1]);
    if (high < 0 || low < 0)
      return {};
    bytes[i] = static_cast<unsigned char>(high * 16 + low);
  }
  return bytes;
}

std::optional<std::array<unsigned char, 32>> publicBytes(std::string_view key) {
  if (key.substr(0, keyPrefix.size()) != keyPrefix)
    return {};
  return fromHex<32>(key.substr(keyPrefix.size()));
}

PKey makeKey() {
  EVP_PKEY* made = nullptr;
  std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new_id(EVP_PKEY_ED25519, nullptr), EVP_PKEY_CTX_free);
  if (!context || EVP_PKEY_keygen_init(context.get()) != 1 || EVP_PKEY_keygen(context.get(), &made) != 1)
    return {};
  return owned(made);
}

std::string toPem(const PKey& key) {
  std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  if (!out || PEM_write_bio_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return {};
  char* text = nullptr;
  auto size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<size_t>(size)};
}

PKey fromPem(const std::string& pem) {
  std::unique_ptr<BIO, decltype(&BIO_free)> in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                               BIO_free);
  if (!in)
    return {};
  // The callback answers an encrypted key with "no passphrase", so that OpenSSL never asks on the terminal.
  auto noPassphrase = [](char*, int, int, void*) {
    return 0;
  };
  auto key = owned(PEM_read_bio_PrivateKey(in.get(), nullptr, noPassphrase, nullptr));
  return key && EVP_PKEY_base_id(key.get()) == EVP_PKEY_ED25519 ? key : PKey();
}

tl::unexpected<Error> cryptoError() {
  return failure(ErrorKind::Internal, "OpenSSL could not work with an Ed25519 key",
                 "check the OpenSSL installation");
}

// Nobody but this user may read or change the key.
Status checkPrivate(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0)
    return failure(errno == ENOENT ? ErrorKind::NotFound : ErrorKind::Internal,
                   std::string("cannot read the key: ") + std::strerror(errno), {}, {path});
  if (!S_ISREG(info.st_mode))
    return failure(ErrorKind::Input, "the key is not a regular file", "move it away; a new one is made",
                   {path});
  if ((info.st_mode & 077) != 0 || info.st_uid != ::geteuid())
    return failure(ErrorKind::Input, "the key is open to others", "make it yours alone: chown and chmod 600",
                   {path});
  return Done{};
}

// Puts `pem` at `path` unless a key is there already: whole or not at all.
Status keep(const std::string& path, const std::string& pem) {
  auto beside = path + "." + randomHex(6);
  if (auto written = writeFile(beside, pem, 0600); !written)
    return written;
  auto linked = ::link(beside.c_str(), path.c_str()) == 0 || errno == EEXIST;
  auto error = errno;
  ::unlink(beside.c_str());
  if (!linked)
    return failure(ErrorKind::Internal, std::string("cannot keep the key: ") + std::strerror(error),
                   "make the folder writable", {path});
  return Done{};
}

} // namespace

struct SigningKey::Impl {
  PKey key;
  std::string publicKey;

  static std::shared_ptr<const Impl> of(const PKey& key) {
    std::array<unsigned char, 32> bytes{};
    size_t size = bytes.size();
    if (!key || EVP_PKEY_get_raw_public_key(key.get(), bytes.data(), &size) != 1 || size != bytes.size())
      return {};
    return std::make_shared<const Impl>(Impl{key, std::string(keyPrefix) + toHex(bytes.data(), size)});
  }
};

Result<SigningKey> SigningKey::makeUnkept() {
  auto impl = Impl::of(makeKey());
  if (!impl)
    return cryptoError();
  return SigningKey(std::move(impl));
}

Result<SigningKey> SigningKey::openOrMake(const std::string& folder) {
  auto path = (std::filesystem::path(folder) / "journal.pem").string();
  auto checked = checkPrivate(path);
  if (!checked && checked.error().kind == ErrorKind::NotFound) {
    if (auto made = makePrivateFolder(folder); !made)
      return failure(made.error());
    auto pem = toPem(makeKey());
    if (pem.empty())
      return cryptoError();
    if (auto kept = keep(path, pem); !kept)
      return failure(kept.error());
    checked = checkPrivate(path);
  }
  if (!checked)
    return failure(checked.error());
  auto pem = readFile(path, maxKeyFile);
  if (!pem)
    return failure(pem.error());
  auto impl = Impl::of(fromPem(*pem));
  if (!impl)
    return failure(ErrorKind::Input, "is not an Ed25519 key", "move it away; a new one is made", {path});
  auto shown = (std::filesystem::path(folder) / "journal.pub").string();
  if (auto known = readFile(shown, maxKeyFile); !known || *known != impl->publicKey + "\n")
    if (auto written = writeFile(shown, impl->publicKey + "\n", 0644); !written)
      return failure(written.error());
  return SigningKey(std::move(impl));
}

const std::string& SigningKey::publicKey() const {
  return m_impl->publicKey;
}

Result<std::string> SigningKey::sign(std::string_view text) const {
  Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::array<unsigned char, 64> signature{};
  size_t size = signature.size();
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, m_impl->key.get()) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size,
                     reinterpret_cast<const unsigned char*>(text.data()), text.size()) != 1)
    return cryptoError();
  return toHex(signature.data(), size);
}

bool isSignatureOf(std::string_view text, const std::string& publicKey, const std::string& signature) {
  auto raw = publicBytes(publicKey);
  auto bytes = fromHex<64>(signature);
  if (!raw || !bytes)
    return false;
  auto key = owned(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw->data(), raw->size()));
  Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  return key && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes->data(), bytes->size(),
                          reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
}

std::set<std::string> knownKeys(const std::string& folder) {
  std::set<std::string> keys;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() != ".pub")
      continue;
    auto text = readFile(it->path().string(), maxKeyFile);
    if (!text)
      continue;
    auto key = text->substr(0, text->find_first_of(" \r\n"));
    if (publicBytes(key))
      keys.insert(key);
  }
  return keys;
}

} // namespace ratdeck
