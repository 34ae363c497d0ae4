package io.ancillary.testsupport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.params.provider.Arguments;

/** What the README's examples are written in, and how a program in it is run from its source. */
public enum ExampleLanguage {
    JAVA(Path.of(System.getProperty("java.home"), "bin", "java").toFile(), "Receiver.java", ""),
    JS(onPath("node"), "receiver.mjs", " completed"),
    PYTHON(onPath("python3"), "receiver.py", " completed");

    static final Duration UNTIL_STARTED = Duration.ofSeconds(40);

    private static final String JAVA_MAIN = """
            class Main {
                public static void main(String[] args) throws Exception {
                    for (String each : List.of(args).subList(2, args.length)) {
                        System.out.println(V1a.of(args[0]).matches(each, args[1].getBytes("UTF-8")));
                    }
                }
            }
            """;
    private static final String JS_MAIN = """
            const [whpk, signed, ...signatures] = process.argv.slice(2);
            for (const each of signatures) console.log(matchesV1a(each, Buffer.from(signed), publicKey(whpk)));
            """;

    private final File runtime;
    private final String file;
    private final String statusShown;

    ExampleLanguage(File runtime, String file, String statusShown) {
        this.runtime = runtime;
        this.file = file;
        this.statusShown = statusShown;
    }

    /** Each language with each value. */
    public static Stream<Arguments> each(Object... values) {
        return Stream.of(values()).flatMap(language -> Stream.of(values).map(value -> Arguments.of(language, value)));
    }

    public void assumeRuntime() {
        assumeThat(runtime).as(this + "'s runtime").exists();
    }

    /** The line that its receiver prints. The JDK reads no JSON, so the one in Java does not know the status. */
    String handled(String id) {
        return "handled " + id + statusShown;
    }

    ProcessBuilder receiver(Path directory) throws IOException {
        return running(Files.writeString(directory.resolve(file), examples().get(0)));
    }

    /** What the example says of each signature. It is no program, so it is given a main here. */
    public List<String> runV1a(Path directory, String... keyAndSignedAndSignatures) throws IOException, InterruptedException {
        assumeRuntime();
        String example = examples().get(1);
        // Java runs the first class of a file, and imports come before that.
        String program = this == JAVA ? example.replaceFirst("(?m)^record ", JAVA_MAIN + "$0") : example + JS_MAIN;
        ProcessBuilder builder = running(Files.writeString(directory.resolve("v1a-" + file), program));
        builder.command().addAll(List.of(keyAndSignedAndSignatures));
        Path output = directory.resolve("v1a-" + file + ".out");
        Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
        try {
            assertThat(process.waitFor(UNTIL_STARTED.toSeconds(), TimeUnit.SECONDS)).as("ends by itself").isTrue();
        } finally {
            process.destroyForcibly();
        }
        return Files.readAllLines(output);
    }

    private List<String> examples() throws IOException {
        return ReadmeExample.all().stream().filter(each -> each.language().equals(name().toLowerCase(Locale.ROOT)))
                .map(ReadmeExample::text).toList();
    }

    private ProcessBuilder running(Path source) {
        ProcessBuilder builder = new ProcessBuilder(runtime.toString(), source.toString());
        builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "NODE_OPTIONS"));
        return builder;
    }

    /** A file that does not exist when the path has none. */
    private static File onPath(String name) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator)).map(each -> new File(each, name))
                .filter(File::canExecute).findFirst().orElse(new File("no " + name));
    }
}
