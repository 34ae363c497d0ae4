package io.ancillary.packets;

import io.ancillary.testsupport.RedisResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;

/** The same on the packaged service in its production profile. */
@QuarkusIntegrationTest
@WithTestResource(RedisResource.class)
class RemotePacketsIT extends RemotePacketsTest {
}
