package io.ancillary.http;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import jakarta.validation.Constraint;
import jakarta.validation.Payload;
import jakarta.validation.ReportAsSingleViolation;
import jakarta.validation.constraints.Pattern;

/** How many rows a listing gives at most. Taken as text, since JAX-RS answers 404 to a parameter that is no number. */
@Pattern(regexp = "[1-9][0-9]{0,2}|1000")
@ReportAsSingleViolation
@Constraint(validatedBy = {})
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.PARAMETER)
public @interface ListLimit {
    /** Where none is given. */
    String USUAL = "100";

    String message() default "must be an integer from 1 to 1000";

    Class<?>[] groups() default {};

    Class<? extends Payload>[] payload() default {};
}
