package io.ancillary.http;

import jakarta.inject.Inject;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.ext.Provider;

@Provider
@OperatorOnly
class OperatorFilter implements ContainerRequestFilter {
    private final Access access;

    @Inject
    OperatorFilter(Access access) {
        this.access = access;
    }

    @Override
    public void filter(ContainerRequestContext request) {
        access.requireOperator(request.getHeaderString(HttpHeaders.AUTHORIZATION), Caller::address);
    }
}
