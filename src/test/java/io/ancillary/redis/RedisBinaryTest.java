package io.ancillary.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A developer meets only the one candidate that runs on the own machine, so nobody would see the others break: each
 * fallback is forced here.
 */
class RedisBinaryTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final List<String> BUNDLED = RedisBinary.bundledFor("Linux", "amd64");

    @TempDir
    Path directory;

    @TempDir
    Path installed;

    @Test
    void takesTheOwnArchitecture_whenItRuns() {
        Path found = finder("", binary -> "v=6.2.11").find();

        assertThat(found).hasFileName("redis-server-6.2.6-v5-linux-amd64").isExecutable();
    }

    @Test
    void takesTheOtherArchitecture_whenTheOwnIsBroken() {
        Path found = finder("", binary -> runsUnless(binary, "amd64")).find();

        assertThat(found).hasFileName("redis-server-6.2.7-linux-386").isExecutable();
    }

    @Test
    void takesTheInstalledOne_whenNoBundledOneRuns() throws IOException {
        Path script = install("echo 'Redis server v=7.0.15 sha=00000000:0'");

        Path found = finder("/nowhere:" + installed, binary -> runsUnless(binary, "linux")).find();

        assertThat(found).isEqualTo(script);
    }

    @Test
    void takesTheNameOnThePath_whenItIsALink() throws IOException {
        Path other = Files.move(install("echo v=7.0.15"), installed.resolve("redis-check-rdb"));
        Path link = Files.createSymbolicLink(installed.resolve("redis-server"), other);

        Path found = finder(installed.toString(), binary -> runsUnless(binary, "linux")).find();

        assertThat(found).isEqualTo(link);
    }

    @ParameterizedTest
    @ValueSource(strings = { "6.0.16", "5.0.14", "2.8.9" })
    void rejectsTheInstalledOne_whenItIsTooOld(String version) throws IOException {
        install("echo Redis server v=" + version);
        RedisBinary finder = finder(installed.toString(), binary -> runsUnless(binary, "linux"));

        assertThatThrownBy(finder::find).hasMessageContaining("older than 6.2");
    }

    @ParameterizedTest
    @ValueSource(strings = { "6.2.0", "7.0.15", "8.1.1", "10.0.0" })
    void acceptsTheInstalledOne_whenItIsRecent(String version) throws IOException {
        Path script = install("echo Redis server v=" + version);

        assertThat(finder(installed.toString(), binary -> runsUnless(binary, "linux")).find()).isEqualTo(script);
    }

    @Test
    void namesTheRemedyOnOneLine_whenNothingRuns() throws IOException {
        install("echo 'error while loading shared libraries'; echo 'second line'; exit 127");
        RedisBinary finder = finder(installed.toString(), binary -> runsUnless(binary, "linux"));

        assertThatThrownBy(finder::find).isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("install redis-server 6.2 or newer", "set QUARKUS_REDIS_HOSTS",
                        "exit 127, error while loading shared libraries")
                .satisfies(failure -> assertThat(failure.getMessage().lines()).hasSize(1));
    }

    @Test
    void rejectsABinary_whenItHangs() throws IOException {
        Path script = install("exec sleep 60");

        assertThatThrownBy(() -> RedisBinary.printedVersion(script, Duration.ofMillis(200)))
                .hasMessage("does not answer --version");
    }

    @Test
    void findsOneThatReallyRuns_onThisMachine() throws IOException {
        Path found = RedisBinary.forThisMachine(directory).find();

        assertThat(RedisBinary.printedVersion(found, PATIENCE)).containsPattern("v=\\d+\\.\\d+");
    }

    @Test
    void keepsTheExtractedFile_whenItsSizeIsRight() throws IOException {
        Path extracted = finder("", binary -> "v=6.2.11").find();
        FileTime longAgo = FileTime.fromMillis(1_000_000);
        Files.setLastModifiedTime(extracted, longAgo);

        finder("", binary -> "v=6.2.11").find();

        assertThat(Files.getLastModifiedTime(extracted)).isEqualTo(longAgo);
    }

    @Test
    void extractsAgain_whenTheFileIsCutShort() throws IOException {
        Path extracted = finder("", binary -> "v=6.2.11").find();
        long size = Files.size(extracted);
        Files.writeString(extracted, "cut short");

        finder("", binary -> "v=6.2.11").find();

        assertThat(extracted).hasSize(size);
    }

    @Test
    void givesAllAWholeFile_whenSeveralExtractAtOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            Callable<Long> extraction = () -> Files.size(finder("", binary -> "v=6.2.11").find());
            List<Future<Long>> sizes = threads.invokeAll(IntStream.range(0, 4).mapToObj(i -> extraction).toList());

            for (Future<Long> size : sizes) {
                assertThat(size.get()).isEqualTo(9_701_528);
            }
            assertThat(directory).isDirectoryNotContaining("glob:**.part");
        } finally {
            threads.shutdownNow();
        }
    }

    @ParameterizedTest
    @CsvSource({ "Linux, amd64, linux-amd64 linux-386", "Linux, aarch64, linux-arm64", "Linux, riscv64, ''",
            "Mac OS X, aarch64, darwin-arm64 darwin-amd64", "Mac OS X, x86_64, darwin-amd64", "Windows 11, amd64, ''" })
    void choosesWhatMayRun_forEachSystem(String os, String architecture, String expected) {
        List<String> chosen = RedisBinary.bundledFor(os, architecture);

        assertThat(String.join(" ", chosen).replaceAll("redis-server-[0-9.]+(-v5)?-", "")).isEqualTo(expected);
        assertThat(chosen).allSatisfy(name -> assertThat(RedisBinary.class.getResource("/" + name)).isNotNull());
    }

    private RedisBinary finder(String searchPath, RedisBinary.Trial trial) {
        return new RedisBinary(directory, BUNDLED, searchPath, trial);
    }

    private static String runsUnless(Path binary, String broken) throws IOException {
        if (binary.getFileName().toString().contains(broken)) {
            throw new IOException("broken");
        }
        return binary.getFileName().toString().contains("linux") ? "v=6.2.7"
                : RedisBinary.printedVersion(binary, PATIENCE);
    }

    private Path install(String body) throws IOException {
        Path script = Files.writeString(installed.resolve("redis-server"), "#!/bin/sh\n" + body + "\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        return script;
    }
}
