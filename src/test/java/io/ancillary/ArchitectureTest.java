package io.ancillary;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import jakarta.inject.Inject;

import org.junit.jupiter.api.Test;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

import io.smallrye.mutiny.Uni;

/** Which package may know which: the arrows point from the doors inwards. */
class ArchitectureTest {
    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS).importPackages("io.ancillary");

    @Test
    void arrowsPointInwards() {
        layeredArchitecture().consideringOnlyDependenciesInAnyPackage("io.ancillary..")
                .layer("main").definedBy("io.ancillary")
                .layer("operate").definedBy("io.ancillary.operate..")
                .layer("packets").definedBy("io.ancillary.packets..")
                .layer("sessions").definedBy("io.ancillary.sessions..")
                .layer("outputs").definedBy("io.ancillary.outputs..")
                .layer("demo").definedBy("io.ancillary.demo..")
                .layer("http").definedBy("io.ancillary.http..")
                .layer("pipeline").definedBy("io.ancillary.pipeline..")
                .layer("processing").definedBy("io.ancillary.processing..")
                .layer("delivery").definedBy("io.ancillary.delivery..")
                .layer("redis").definedBy("io.ancillary.redis..")
                .layer("collation").definedBy("io.ancillary.collation..")
                .whereLayer("main").mayNotBeAccessedByAnyLayer()
                .whereLayer("demo").mayNotBeAccessedByAnyLayer()
                .whereLayer("redis").mayNotBeAccessedByAnyLayer()
                .whereLayer("outputs").mayNotBeAccessedByAnyLayer()
                .whereLayer("operate").mayNotBeAccessedByAnyLayer()
                .whereLayer("packets").mayOnlyBeAccessedByLayers("main")
                .whereLayer("sessions").mayOnlyBeAccessedByLayers("main")
                .whereLayer("http").mayOnlyBeAccessedByLayers("packets", "sessions", "outputs", "operate", "demo", "main")
                .whereLayer("pipeline").mayOnlyBeAccessedByLayers("packets", "sessions", "outputs", "operate", "main")
                .whereLayer("delivery").mayOnlyBeAccessedByLayers("packets", "sessions", "pipeline", "main")
                .whereLayer("processing").mayOnlyBeAccessedByLayers("packets", "sessions", "outputs", "pipeline", "redis",
                        "demo", "main")
                .whereLayer("collation")
                .mayOnlyBeAccessedByLayers("packets", "sessions", "http", "outputs", "operate", "pipeline",
                        "processing", "delivery", "redis")
                .check(MAIN);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.ancillary.(*)..").should().beFreeOfCycles().check(MAIN);
    }

    @Test
    void theCoreKnowsNothingButTheLanguage() {
        classes().that().resideInAPackage("io.ancillary.collation..")
                .should().onlyDependOnClassesThat().resideInAnyPackage("io.ancillary.collation..", "java..", "org.jspecify..")
                .check(MAIN);
    }

    @Test
    void nothingWaitsForAUni() {
        noClasses().should().callMethod(Uni.class, "await").check(MAIN);
    }

    @Test
    void nothingIsInjectedIntoFields() {
        noFields().should().beAnnotatedWith(Inject.class).check(MAIN);
    }
}
