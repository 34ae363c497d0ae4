package io.ancillary.operate;

import io.ancillary.testsupport.RedisResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;

/** The same, of the packaged service. */
@QuarkusIntegrationTest
@WithTestResource(RedisResource.class)
class DeliveriesIT extends DeliveriesTest {
}
