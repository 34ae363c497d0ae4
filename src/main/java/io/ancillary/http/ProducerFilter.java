package io.ancillary.http;

import jakarta.inject.Inject;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.ext.Provider;

@Provider
@ProducerOnly
class ProducerFilter implements ContainerRequestFilter {
    private final Access access;

    @Inject
    ProducerFilter(Access access) {
        this.access = access;
    }

    @Override
    public void filter(ContainerRequestContext request) {
        access.requireProducer(request.getHeaderString(HttpHeaders.AUTHORIZATION), Caller::address);
    }
}
