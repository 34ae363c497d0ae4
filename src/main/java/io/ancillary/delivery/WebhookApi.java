package io.ancillary.delivery;

import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import org.eclipse.microprofile.rest.client.inject.RegisterRestClient;

import io.quarkus.rest.client.reactive.Url;
import io.smallrye.mutiny.Uni;

/** Any webhook. Header names are those of Standard Webhooks 1.0.0. */
@RegisterRestClient(configKey = "webhook")
interface WebhookApi {

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    Uni<Response> post(@Url String url, @HeaderParam("webhook-id") String id,
            @HeaderParam("webhook-timestamp") long unixSeconds, String body);
}
