package io.ancillary;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import java.time.InstantSource;

import jakarta.inject.Inject;

import org.junit.jupiter.api.Test;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

import io.smallrye.mutiny.Uni;

/** Which package may know which: the arrows point from the doors inwards. */
class ArchitectureTest {
    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS).importPackages("io.ancillary");

    /** To hand a clock on is not to read it; to make an object of the time now is. */
    private static final DescribedPredicate<AccessTarget> READS_THE_TIME_OF_DAY = describe("the time of day",
            target -> target.getFullName().equals("java.lang.System.currentTimeMillis()")
                    || target.getFullName().equals("java.util.Date.<init>()")
                    || target.getFullName().matches("java\\.util\\.\\w*Calendar\\.(getInstance|<init>)\\(.*")
                    || target.getFullName().matches("java\\.time\\.[\\w.]+\\.now\\(.*")
                    || target.getOwner().isAssignableTo(InstantSource.class));

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
                .layer("outbound").definedBy("io.ancillary.outbound..")
                .layer("inbound").definedBy("io.ancillary.inbound..")
                .layer("redis").definedBy("io.ancillary.redis..")
                .layer("collation").definedBy("io.ancillary.collation..")
                .whereLayer("main").mayNotBeAccessedByAnyLayer()
                .whereLayer("inbound").mayOnlyBeAccessedByLayers("main")
                .whereLayer("demo").mayNotBeAccessedByAnyLayer()
                .whereLayer("redis").mayNotBeAccessedByAnyLayer()
                .whereLayer("outputs").mayNotBeAccessedByAnyLayer()
                .whereLayer("operate").mayNotBeAccessedByAnyLayer()
                .whereLayer("packets").mayOnlyBeAccessedByLayers("main")
                .whereLayer("sessions").mayOnlyBeAccessedByLayers("main")
                .whereLayer("http")
                .mayOnlyBeAccessedByLayers("packets", "sessions", "outputs", "operate", "demo", "inbound", "main")
                .whereLayer("pipeline").mayOnlyBeAccessedByLayers("packets", "sessions", "outputs", "operate", "main")
                .whereLayer("delivery").mayOnlyBeAccessedByLayers("packets", "sessions", "operate", "pipeline", "main")
                .whereLayer("processing").mayOnlyBeAccessedByLayers("packets", "sessions", "outputs", "pipeline", "redis",
                        "demo", "main")
                .whereLayer("outbound").mayOnlyBeAccessedByLayers("processing", "delivery")
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

    /**
     * The clocks of two replicas may be minutes apart, and each may jump: what decides is Redis' time, and what lasts is
     * measured by a clock that only goes forward. Some read the time of day all the same, since they speak of it to others:
     * {@code Webhooks} and {@code WebhookCall} write when an attempt was made, {@code RetryAfter} understands a date.
     * {@code EngineBeans}
     * is where they have the clock from.
     */
    @Test
    void nobodyReadsTheTimeOfDay() {
        noClasses()
                .that().doNotHaveFullyQualifiedName("io.ancillary.delivery.Webhooks")
                .and().doNotHaveFullyQualifiedName("io.ancillary.delivery.WebhookCall")
                .and().doNotHaveFullyQualifiedName("io.ancillary.outbound.RetryAfter")
                .and().doNotHaveFullyQualifiedName("io.ancillary.pipeline.EngineBeans")
                .should().accessTargetWhere(target(READS_THE_TIME_OF_DAY))
                .check(MAIN);
    }

    @Test
    void nothingIsInjectedIntoFields() {
        noFields().should().beAnnotatedWith(Inject.class).check(MAIN);
    }
}
