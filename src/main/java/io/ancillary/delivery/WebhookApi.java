package io.ancillary.delivery;

import java.io.InputStream;

import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.core.MediaType;

import org.eclipse.microprofile.rest.client.annotation.RegisterProvider;
import org.eclipse.microprofile.rest.client.inject.RegisterRestClient;
import org.jboss.resteasy.reactive.RestResponse;

import io.quarkus.rest.client.reactive.Url;
import io.smallrye.mutiny.Uni;

/** Any webhook. Header names are those of Standard Webhooks 1.0.0. */
@RegisterRestClient(configKey = "webhook")
@RegisterProvider(AnswerLimit.class)
interface WebhookApi {

    /**
     * Posts. A stream, because that is the one kind of entity that the client does not gather in memory; nobody
     * reads it, {@link AnswerLimit} throws away what comes.
     */
    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    Uni<RestResponse<InputStream>> post(@Url String url, @HeaderParam("webhook-id") String id,
            @HeaderParam("webhook-timestamp") long unixSeconds, String body);
}
