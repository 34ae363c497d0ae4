package io.ancillary.redis;

import static io.ancillary.testsupport.RedisProcess.command;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.ancillary.testsupport.RedisProcess;

/**
 * Real servers and real owner JVMs: what is promised here is about processes that end in ways no fake shows. Each test
 * has a profile of its own, since what a JVM remembers of a server outlives every instance.
 */
class EmbeddedRedisTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final String profile = UUID.randomUUID().toString();
    private final List<Integer> ports = new ArrayList<>();
    private final List<Process> owners = new ArrayList<>();

    @TempDir
    Path directory;

    @AfterEach
    void stopAll() {
        owners.forEach(Process::destroyForcibly);
        ports.stream().filter(EmbeddedRedisTest::answers).forEach(EmbeddedRedisTest::kill);
    }

    @Test
    void keepsItsServer_whenAskedAgain() {
        EmbeddedRedis redis = redis(profile);
        int port = start(redis);
        long pid = pid(port);

        assertThat(start(redis)).isEqualTo(port);
        assertThat(pid(port)).isEqualTo(pid);
    }

    @Test
    void adoptsTheServerWithItsData_whenAllClassesAreLoadedAnew() throws Exception {
        int port = start(redis(profile));
        command(port, "SET", "part", "kept");

        int afterReload = startInAnotherClassLoader();

        assertThat(afterReload).isEqualTo(port);
        assertThat(command(port, "GET", "part")).isEqualTo("kept");
    }

    @Test
    void hasAServerForEachProfile() {
        int dev = start(redis(profile + "dev"));
        int test = start(redis(profile + "test"));

        assertThat(dev).isNotEqualTo(test);
    }

    @Test
    void startsAgainAndEmpty_whenTheServerDied() {
        int port = start(redis(profile));
        command(port, "SET", "part", "saved");
        command(port, "SAVE");
        kill(port);

        int next = start(redis(profile));

        assertThat(command(next, "DBSIZE")).isEqualTo("0");
    }

    @Test
    void replacesTheServer_whenItHangs() throws IOException {
        int port = start(redis(profile));
        long pid = pid(port);
        signal("-STOP", pid);

        int next = start(redis(profile));

        assertThat(next).isNotEqualTo(port);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(ProcessHandle.of(pid)).isEmpty());
    }

    @Test
    void carriesOn_whenTheDirectoryIsWiped() throws IOException {
        int port = start(redis(profile));
        wipe();

        assertThat(start(redis(profile))).isEqualTo(port);
        assertThat(notes()).as("the note for a later start").hasSize(1);
    }

    @Test
    void startsAgain_whenTheDirectoryIsWipedAndTheServerDied() throws IOException {
        int port = start(redis(profile));
        wipe();
        kill(port);

        assertThat(answers(start(redis(profile)))).isTrue();
    }

    @Test
    void stopsItsServer_whenTheJvmEnds() throws Exception {
        Process owner = owner();
        int port = portOf(owner);

        owner.getOutputStream().close();

        assertThat(owner.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        awaitSilence(port);
    }

    @Test
    void stopsTheOrphan_whenItsOwnerWasKilled() throws Exception {
        Process owner = owner();
        int orphan = portOf(owner);
        owner.destroyForcibly().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(answers(orphan)).as("the orphan lives on").isTrue();

        start(redis(profile));

        awaitSilence(orphan);
        assertThat(notes()).as("only the own note").hasSize(1);
    }

    @Test
    void leavesAServerAlone_whenItsOwnerLives() throws Exception {
        int other = portOf(owner());

        start(redis(profile));

        await().during(Duration.ofMillis(200)).atMost(PATIENCE)
                .untilAsserted(() -> assertThat(answers(other)).isTrue());
        assertThat(notes()).hasSize(2);
    }

    @Test
    void stopsTheOrphan_whenItsOwnersPidIsTakenByAnother() throws IOException {
        try (RedisProcess orphan = RedisProcess.start()) {
            ProcessHandle.Info self = ProcessHandle.current().info();
            note(ProcessHandle.current().pid() + " 1000 " + self.command().orElseThrow(), line(orphan.pid()));

            start(redis(profile));

            awaitSilence(orphan.port());
        }
    }

    @Test
    void leavesAProcessAlone_whenItOnlyHasTheOrphansPid() throws IOException {
        try (RedisProcess stranger = RedisProcess.start()) {
            String line = line(stranger.pid());
            note("1 1000 /killed/java", line.substring(0, line.lastIndexOf(' ')) + " /other/redis-server");

            start(redis(profile));

            await().during(Duration.ofMillis(200)).atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(answers(stranger.port())).isTrue());
        }
    }

    @Test
    void tellsWhatTheServerSaid_whenItDoesNotStart() throws IOException {
        Path script = Files.writeString(directory.resolve("redis-server"),
                "#!/bin/sh\n[ \"$1\" = --version ] && echo v=7.0.0 && exit\necho out of luck\nexit 1\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        RedisBinary broken = new RedisBinary(directory, List.of(), directory.toString(),
                binary -> RedisBinary.printedVersion(binary, PATIENCE));

        assertThatThrownBy(new EmbeddedRedis(directory, profile, broken)::start)
                .hasMessageContainingAll("does not answer", "out of luck");
    }

    /** What a killed JVM was: it starts a server, says where, and stays until its input ends. */
    static final class Owner {
        public static void main(String[] arguments) throws IOException {
            Path directory = Path.of(arguments[0]);
            System.out.println(new EmbeddedRedis(directory, "owner", RedisBinary.forThisMachine(directory)).start());
            System.in.read();
        }
    }

    private EmbeddedRedis redis(String profile) {
        return new EmbeddedRedis(directory, profile, RedisBinary.forThisMachine(directory));
    }

    private int start(EmbeddedRedis redis) {
        int port = redis.start();
        ports.add(port);
        return port;
    }

    private int startInAnotherClassLoader() throws Exception {
        URL classes = EmbeddedRedis.class.getProtectionDomain().getCodeSource().getLocation();
        try (URLClassLoader reloaded = new URLClassLoader(new URL[] { classes }, ClassLoader.getPlatformClassLoader())) {
            Class<?> binary = reloaded.loadClass(RedisBinary.class.getName());
            Class<?> redis = reloaded.loadClass(EmbeddedRedis.class.getName());
            assertThat(redis).isNotSameAs(EmbeddedRedis.class);
            Constructor<?> constructor = redis.getDeclaredConstructor(Path.class, String.class, binary);
            Method start = redis.getDeclaredMethod("start");
            constructor.setAccessible(true);
            start.setAccessible(true);
            Object found = binary.getMethod("forThisMachine", Path.class).invoke(null, directory);
            return (int) start.invoke(constructor.newInstance(directory, profile, found));
        }
    }

    private Process owner() throws IOException {
        String executable = ProcessHandle.current().info().command().orElseThrow();
        String classPath = Stream.of(location("/io/ancillary/redis/EmbeddedRedis.class"),
                location("/io/ancillary/redis/EmbeddedRedisTest.class"), location("/redis-server-6.2.7-linux-386"))
                .collect(Collectors.joining(File.pathSeparator));
        Process owner = new ProcessBuilder(executable, "-cp", classPath, Owner.class.getName(), directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        owners.add(owner);
        return owner;
    }

    private static String location(String resource) {
        String url = String.valueOf(EmbeddedRedisTest.class.getResource(resource));
        String root = url.substring(0, url.length() - resource.length());
        String file = root.endsWith("!") ? root.substring("jar:".length(), root.length() - 1) : root;
        return Path.of(URI.create(file)).toString();
    }

    private int portOf(Process owner) throws IOException {
        BufferedReader said = owner.inputReader();
        await().atMost(PATIENCE).until(said::ready);
        int port = Integer.parseInt(said.readLine());
        ports.add(port);
        return port;
    }

    private static long pid(int port) {
        return command(port, "INFO", "server").lines().filter(line -> line.startsWith("process_id:"))
                .mapToLong(line -> Long.parseLong(line.substring("process_id:".length()))).findFirst().orElseThrow();
    }

    private static boolean answers(int port) {
        try {
            return command(port, "PING").equals("PONG");
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    private static void kill(int port) {
        ProcessHandle.of(pid(port)).ifPresent(ProcessHandle::destroyForcibly);
        awaitSilence(port);
    }

    private static void awaitSilence(int port) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(answers(port)).isFalse());
    }

    private static void signal(String signal, long pid) throws IOException {
        Process kill = new ProcessBuilder("kill", signal, Long.toString(pid)).start();
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(kill.isAlive()).isFalse());
    }

    private static String line(long pid) {
        ProcessHandle.Info info = ProcessHandle.of(pid).orElseThrow().info();
        return pid + " " + info.startInstant().orElseThrow().toEpochMilli() + " " + info.command().orElseThrow();
    }

    private void note(String owner, String server) throws IOException {
        Path home = Files.createDirectories(directory.resolve("dev-1"));
        Files.writeString(home.resolve("processes"), owner + "\n" + server + "\n");
    }

    private List<Path> notes() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> file.endsWith("processes")).toList();
        }
    }

    private void wipe() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        }
    }
}
