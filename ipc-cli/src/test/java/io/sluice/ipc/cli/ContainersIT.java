package io.sluice.ipc.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.Network;

/// The command in containers, each of which sees its own process as the first of all: what they must share to reach each
/// other, and what is said when they do not. They share a folder, as a volume, a network, and by choice an IPC namespace.
///
/// It needs a container engine, such as `.ci/containers` starts, and is skipped where there is none.
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ContainersIT {
    private static final String HOME = "home";
    private static final int ANOTHER_USER = 1234;

    @TempDir
    private static Path shared;

    private static Network network;

    /// Three that do nothing by themselves.
    private static IpcContainer home;
    private static IpcContainer neighbour;
    private static IpcContainer stranger;

    @BeforeAll
    static void open() {
        String version = System.getenv("DOCKER_API_VERSION");
        if (version != null) {
            System.setProperty("api.version", version); // the client library's own name for it
        }
        boolean isThere = DockerClientFactory.instance().isDockerAvailable();
        if (!isThere) {
            System.out.println("The tests in containers are skipped: no container engine answers.");
        }
        assumeTrue(isThere, "a container engine answers");
        network = Network.newNetwork();
        home = onNetwork(IpcContainer.sharing(shared, "shareable")).withNetworkAliases(HOME).idle();
        home.start();
        neighbour = besideHome().idle();
        neighbour.start();
        stranger = onNetwork(IpcContainer.sharing(shared, "private")).idle();
        stranger.start();
    }

    @AfterAll
    static void close() {
        for (IpcContainer container : new IpcContainer[] {stranger, neighbour, home}) {
            if (container != null) {
                container.stop();
            }
        }
        if (network != null) {
            network.close();
        }
    }

    private static IpcContainer onNetwork(IpcContainer container) {
        return container.withNetwork(network);
    }

    /// One in the same IPC namespace.
    private static IpcContainer besideHome() {
        return onNetwork(IpcContainer.sharing(shared, "container:" + home.getContainerId()));
    }

    private static void assertAnswers(IpcContainer client, String address, String... environment) throws Exception {
        ExecResult result = client.ipc(environment, "send", address, "from one container to another");
        assertEquals(0, result.getExitCode(), result::toString);
        assertEquals("from one container to another\n", result.getStdout());
    }

    @ParameterizedTest
    @ValueSource(strings = {"pipe:shared", "file:/shared/journals", "unix:shared", "unix:/shared/socket"})
    void aSharedFolderIsAllThatPipesFilesAndSocketsNeed(String address) throws Exception {
        home.beginEcho(address);
        assertAnswers(neighbour, address);
        assertAnswers(stranger, address);
    }

    @ParameterizedTest
    @CsvSource({"shm:near, ipc.shm.dir on both sides", "mq:near, --ipc=container:", "sysv:near, --ipc=container:"})
    void memoryAndQueuesNeedTheSameIpcNamespaceAndSaySo(String address, String advice) throws Exception {
        home.beginEcho(address);
        assertAnswers(neighbour, address);
        assertSays(advice, stranger.ipc(new String[0], "send", address, "in vain"));
        assertAnswers(neighbour, address);
    }

    /// It has failed, and says why in one line.
    private static void assertSays(String advice, ExecResult result) {
        assertEquals(1, result.getExitCode(), result::toString);
        assertEquals("", result.getStdout());
        assertEquals(1, result.getStderr().lines().count(), result::toString);
        assertTrue(result.getStderr().contains(advice), result::toString);
    }

    @Test
    void aSocketInAFolderThatIsNotSharedIsNotFoundAndItsPlaceIsNamed() throws Exception {
        home.beginEcho("unix:apart");
        assertAnswers(neighbour, "unix:apart");
        ExecResult result =
                neighbour.ipc(new String[] {"IPC_DIR=/tmp/own"}, "send", "unix:apart?connect-timeout=500ms", "in vain");
        assertSays("the same name and runtime directory; its socket would be /tmp/own/apart.unix", result);
    }

    /// The kernel says who is at the other end of a socket, in another container, too.
    @Test
    void anotherUserIsLetInOnlyIfBothSidesAllowIt() throws Exception {
        home.beginEcho("unix:/shared/closed");
        home.beginEcho("unix:/shared/open?allow=" + ANOTHER_USER);
        openToTheWorld("/shared/closed /shared/open");
        assertSays(
                "the endpoint is run by root", neighbour.ipcAs(ANOTHER_USER, "send", "unix:/shared/open", "in vain"));
        String trusting = "?allow=root&connect-timeout=1s";
        assertSays(
                "went away before it had greeted",
                neighbour.ipcAs(ANOTHER_USER, "send", "unix:/shared/closed" + trusting, "in vain"));
        ExecResult result = neighbour.ipcAs(ANOTHER_USER, "send", "unix:/shared/open" + trusting, "let in");
        assertEquals("let in\n", result.getStdout(), result::toString);
    }

    /// Waits until all of these sockets are there, and keeps nobody from them.
    private static void openToTheWorld(String sockets) throws Exception {
        String command = "chmod a+x /shared; until chmod a+rw " + sockets + "; do sleep 0.1; done";
        ExecResult result = home.execInContainer("timeout", "60", "bash", "-c", command);
        assertEquals(0, result.getExitCode(), result::toString);
    }

    @Test
    void aNetworkIsAllThatTcpNeeds() throws Exception {
        home.beginEcho("tcp://*:9000");
        for (IpcContainer client : new IpcContainer[] {neighbour, stranger}) {
            assertAnswers(client, "tcp://" + HOME + ":9000");
            assertAnswers(client, "tcp://" + home.address() + ":9000");
        }
        assertSays(
                "start the server, or check host and port",
                stranger.ipc(new String[0], "send", "tcp://" + HOME + ":9001?connect-timeout=500ms", "in vain"));
    }

    @Test
    void aServerThatIsKilledInItsContainerIsLostToItsClientsInTheNetwork() throws Exception {
        try (IpcContainer server = besideHome().withNetworkAliases("victim").echoing("tcp://*:9000");
                IpcContainer client = besideHome().talking("tcp://victim:9000")) {
            server.start();
            client.start();
            server.kill();
            assertEquals(1, client.awaitEnd(), client::getLogs);
            assertTrue(client.getLogs().contains("tcp://victim:9000"), client::getLogs);
        }
    }

    @Test
    void aSharedFolderForMemoryTakesThePlaceOfTheNamespace() throws Exception {
        home.beginEcho("shm:far", "IPC_SHM_DIR=/shared");
        assertAnswers(stranger, "shm:far", "IPC_SHM_DIR=/shared");
    }

    /// Both are process 1, and neither sees the other in its `/proc`: nothing may be concluded from either.
    @ParameterizedTest
    @ValueSource(strings = {"shm:killed", "mq:killed", "sysv:killed", "pipe:killed", "unix:killed",
        "file:/shared/killed"})
    void aServerThatIsKilledInItsContainerIsLostAndItsAddressIsFree(String address) throws Exception {
        try (IpcContainer server = besideHome().echoing(address); IpcContainer client = besideHome().talking(address)) {
            server.start();
            client.start();
            server.kill();
            assertEquals(1, client.awaitEnd(), client::getLogs);
            assertTrue(client.getLogs().contains(address), client::getLogs);
            home.beginEcho(address);
            assertAnswers(neighbour, address);
        }
    }
}
