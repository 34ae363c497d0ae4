package io.ancillary.operate;

import jakarta.enterprise.context.ApplicationScoped;

import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

import io.ancillary.pipeline.Engine;
import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;

/** Ready while the store answers, once it is warm. Told from memory: asking costs Redis nothing. */
@Readiness
@ApplicationScoped
class StoreReadiness implements AsyncHealthCheck {
    private final Engine engine;
    private final WarmUp warmUp;

    StoreReadiness(Engine engine, WarmUp warmUp) {
        this.engine = engine;
        this.warmUp = warmUp;
    }

    @Override
    public Uni<HealthCheckResponse> call() {
        return Uni.createFrom()
                .item(() -> HealthCheckResponse.named("store").status(engine.isReady() && warmUp.isDone()).build());
    }
}
