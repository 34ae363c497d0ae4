package io.ancillary;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No image is built where the tests run, so what describes the images is read instead. */
class DockerfilesTest {

    @ParameterizedTest
    @ValueSource(strings = { "Dockerfile.jvm", "Dockerfile.native", "Dockerfile.native-micro" })
    @Retention(RetentionPolicy.RUNTIME)
    @interface EachDockerfile {
    }

    @EachDockerfile
    void namesNoRegistryHost(String name) throws IOException {
        assertThat(Dockerfile.read(name).images()).isNotEmpty().noneMatch(image -> image.contains("$"))
                .noneMatch(image -> image.matches("(localhost|[^/]*[.:][^/]*)/.*"));
    }

    @EachDockerfile
    void copiesOnlyWhatDockerignoreLetsThrough(String name) throws IOException {
        List<String> rules = dockerignore();
        assertThat(Dockerfile.read(name).copiedFromTheProject()).isNotEmpty()
                .allMatch(source -> source.startsWith("target/")).allMatch(source -> letsThrough(rules, anyFileOf(source)));
    }

    @ParameterizedTest
    @ValueSource(strings = { "pom.xml", ".env", ".git/config", "src/main/resources/application.properties",
            "target/classes/any.class", "target/any-runner.jar", "target/quarkus-app/quarkus-app-dependencies.txt" })
    void dockerignoreKeepsTheRestOut(String path) throws IOException {
        assertThat(letsThrough(dockerignore(), path)).isFalse();
    }

    @EachDockerfile
    void runsAsANumericUserOtherThanRoot(String name) throws IOException {
        assertThat(Dockerfile.read(name).last("USER").text()).matches("[1-9][0-9]*");
    }

    @EachDockerfile
    void startsTheProcessWithoutAShell(String name) throws IOException {
        assertThat(Dockerfile.read(name).last("ENTRYPOINT").text()).matches("\\[\"[^\"]+\"(, *\"[^\"]+\")*]")
                .doesNotContain("sh\"");
    }

    @EachDockerfile
    void exposesTheServiceAndTheManagementPort(String name) throws IOException {
        assertThat(Dockerfile.read(name).last("EXPOSE").arguments()).containsExactlyInAnyOrder("8080", "9000");
    }

    record Instruction(String name, String text) {
        static Instruction parse(String line) {
            String[] nameAndText = line.strip().split("\\s+", 2);
            return new Instruction(nameAndText[0], nameAndText[1]);
        }

        Stream<String> words() {
            return Stream.of(text.split("\\s+"));
        }

        List<String> arguments() {
            return words().filter(word -> !word.startsWith("--")).toList();
        }

        Stream<String> stage() {
            return words().filter(word -> word.startsWith("--from=")).map(word -> word.substring("--from=".length()));
        }
    }

    record Dockerfile(List<Instruction> instructions) {
        static Dockerfile read(String name) throws IOException {
            String text = Files.readString(Path.of("src/main/docker", name));
            String joined = text.replaceAll("(?m)^\\s*#.*$", "").replaceAll("\\\\\\R", " ");
            return new Dockerfile(joined.lines().filter(line -> !line.isBlank()).map(Instruction::parse).toList());
        }

        Stream<Instruction> all(String name) {
            return instructions.stream().filter(instruction -> instruction.name().equals(name));
        }

        /** An earlier stage gives the image neither its user nor its ports, so it does not count. */
        Instruction last(String name) {
            int image = instructions.lastIndexOf(all("FROM").reduce((earlier, later) -> later).orElseThrow());
            return new Dockerfile(instructions.subList(image, instructions.size())).all(name)
                    .reduce((earlier, later) -> later).orElseThrow();
        }

        Stream<String> images() {
            return Stream.concat(all("FROM").map(from -> from.arguments().get(0)), all("COPY").flatMap(Instruction::stage));
        }

        Stream<String> copiedFromTheProject() {
            return all("COPY").filter(copy -> copy.stage().findAny().isEmpty()).map(Instruction::arguments)
                    .flatMap(paths -> paths.subList(0, paths.size() - 1).stream());
        }
    }

    private static List<String> dockerignore() throws IOException {
        return Files.readAllLines(Path.of(".dockerignore")).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#")).toList();
    }

    private static String anyFileOf(String source) {
        return source.replace("*", "any") + (source.endsWith("/") ? "any/any.jar" : "");
    }

    /** The last rule that names the path or a folder above it decides. */
    private static boolean letsThrough(List<String> rules, String path) {
        return rules.stream().filter(rule -> names(rule.replaceAll("^!|/$", ""), Path.of(path)))
                .reduce((earlier, later) -> later).map(rule -> rule.startsWith("!")).orElse(true);
    }

    private static boolean names(String pattern, Path path) {
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
        return Stream.iterate(path, each -> each != null, Path::getParent).anyMatch(matcher::matches);
    }
}
