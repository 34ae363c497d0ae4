package io.ancillary.testsupport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A certificate authority of the tests' own, made anew by the JDK's keytool, with two certificates for localhost and
 * hooks.test: a
 * valid one and one that has expired. They are not signed by themselves, because Java does not look at the dates of a
 * certificate that is itself in the trust store.
 */
public final class TestAuthority {
    /** Its start is most of what a keytool does; so it takes less than half. */
    private static final List<String> QUICK = List.of("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC");
    private static final char[] PASSWORD = "changeit".toCharArray();

    private final Path pem;
    private final KeyStore keys;

    private TestAuthority(Path directory) throws IOException, GeneralSecurityException {
        Path file = directory.resolve("keys.p12");
        generate(file, "authority", "-ext", "bc:c", "-startdate", "-20d", "-validity", "3650");
        generateForLocalhost(file, "valid", "3650");
        generateForLocalhost(file, "expired", "1");
        keys = KeyStore.getInstance(file.toFile(), PASSWORD);
        Files.delete(file);
        pem = Files.writeString(directory.resolve("authority.pem"), pem(keys.getCertificate("authority")));
        // In the reverse order.
        directory.toFile().deleteOnExit();
        pem.toFile().deleteOnExit();
    }

    /** Takes a second or two. */
    public static TestAuthority create() {
        try {
            return new TestAuthority(Files.createTempDirectory("test-authority"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The authority's own certificate, for a trust store; it is there until the JVM ends. */
    public Path pem() {
        return pem;
    }

    /** Its valid certificate, for a server that is given files; they are there until the JVM ends. */
    public ServerFiles serverFiles() {
        try {
            Path directory = Files.createTempDirectory("test-server");
            Path certificate = Files.writeString(directory.resolve("cert.pem"), pem(keys.getCertificate("valid")));
            Path key = Files.writeString(directory.resolve("key.pem"),
                    pem("PRIVATE KEY", keys.getKey("valid", PASSWORD).getEncoded()));
            directory.toFile().deleteOnExit();
            certificate.toFile().deleteOnExit();
            key.toFile().deleteOnExit();
            return new ServerFiles(certificate, key);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** In PEM. */
    public record ServerFiles(Path certificate, Path key) {
    }

    /** For a client that trusts what is in the PEM file, and nothing else. */
    public SSLContext trusting() {
        try (InputStream in = Files.newInputStream(pem)) {
            KeyStore trusted = empty();
            trusted.setCertificateEntry("authority", CertificateFactory.getInstance("X.509").generateCertificate(in));
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    SSLContext valid() {
        return server("valid");
    }

    SSLContext expired() {
        return server("expired");
    }

    /** With this certificate alone: of several, a server chooses. */
    private SSLContext server(String alias) {
        try {
            KeyStore own = empty();
            own.setKeyEntry(alias, keys.getKey(alias, PASSWORD), PASSWORD, keys.getCertificateChain(alias));
            KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            managers.init(own, PASSWORD);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(managers.getKeyManagers(), null, null);
            return context;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static String pem(Certificate certificate) throws GeneralSecurityException {
        return pem("CERTIFICATE", certificate.getEncoded());
    }

    private static String pem(String what, byte[] encoded) {
        String base64 = Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(encoded);
        return "-----BEGIN " + what + "-----\n" + base64 + "\n-----END " + what + "-----\n";
    }

    private static void generateForLocalhost(Path file, String alias, String days) throws IOException {
        generate(file, alias, "-signer", "authority", "-ext", "san=dns:localhost,dns:hooks.test,ip:127.0.0.1", "-startdate",
                "-10d",
                "-validity", days);
    }

    private static void generate(Path file, String alias, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-alias", alias,
                "-dname", "CN=" + alias, "-keyalg", "EC", "-groupname", "secp256r1", "-storetype", "PKCS12",
                "-keystore", file.toString(), "-storepass", new String(PASSWORD)));
        command.addAll(List.of(options));
        command.addAll(QUICK);
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        // It asks no questions then.
        keytool.getOutputStream().close();
        String output = new String(keytool.getInputStream().readAllBytes(), UTF_8);
        try {
            if (keytool.waitFor() != 0) {
                throw new IOException("keytool: " + output);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while keytool was at work", e);
        }
    }
}
