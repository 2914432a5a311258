package io.sluice.ipc.cli;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.InspectContainerResponse.ContainerState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.testcontainers.containers.BindMode;
import org.testcontainers.containers.ExecConfig;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/// A container with this machine's JDK and the packaged command, whose runtime directory is a folder that it shares.
final class IpcContainer extends GenericContainer<IpcContainer> {
    private static final String OURS = System.getenv("IPC_TEST_IMAGE");
    private static final String IPC = "/jdk/bin/java -jar /ipc/ipc.jar ";

    private IpcContainer(String image) {
        super(DockerImageName.parse(image));
    }

    /// @param folder is `/shared` there
    /// @param ipc its IPC namespace, as `docker run --ipc=` takes it
    static IpcContainer sharing(Path folder, String ipc) {
        IpcContainer container = new IpcContainer(OURS != null ? OURS : "debian:bookworm-slim");
        if (OURS != null) {
            container.withImagePullPolicy(name -> false);
        }
        return container
                .withFileSystemBind(System.getProperty("java.home"), "/jdk", BindMode.READ_ONLY)
                .withFileSystemBind(Path.of("target").toAbsolutePath().toString(), "/ipc", BindMode.READ_ONLY)
                .withFileSystemBind(folder.toString(), "/shared", BindMode.READ_WRITE)
                .withEnv("IPC_DIR", "/shared")
                .withCreateContainerCmdModifier(create -> create.getHostConfig().withIpcMode(ipc));
    }

    /// One that does nothing until it is told to.
    IpcContainer idle() {
        return withCommand("sleep", "infinity");
    }

    /// One whose only process is an echo server.
    IpcContainer echoing(String address) {
        return withCommand("bash", "-c", "exec " + IPC + "echo '" + address + "'")
                .waitingFor(Wait.forLogMessage("echoing on .*\\n", 1));
    }

    /// One whose only process sends a line, has it back, and has a channel from then on.
    IpcContainer talking(String address) {
        return withCommand("bash", "-c",
                "exec " + IPC + "send --linger=forever '" + address + "' - < <(echo here; sleep infinity)")
                .waitingFor(Wait.forLogMessage("here\\n", 1));
    }

    /// Where others on its network reach it, beside its name.
    String address() {
        return getContainerInfo().getNetworkSettings().getNetworks().values().iterator().next().getIpAddress();
    }

    /// Runs the command in this container as another user, to its end.
    ///
    /// @param user a number that no name belongs to
    ExecResult ipcAs(int user, String... arguments) throws IOException, InterruptedException {
        return execInContainer(ExecConfig.builder()
                .user(Integer.toString(user))
                .command(command(new String[0], arguments))
                .build());
    }

    /// Runs the command in this container, to its end.
    ///
    /// @param environment variables, as `NAME=value`
    ExecResult ipc(String[] environment, String... arguments) throws IOException, InterruptedException {
        return execInContainer(command(environment, arguments));
    }

    /// Starts an echo server in this container, which ends with it.
    void beginEcho(String address, String... environment) {
        DockerClient docker = getDockerClient();
        String id = docker.execCreateCmd(getContainerId())
                .withCmd(command(environment, "echo", address))
                .exec()
                .getId();
        docker.execStartCmd(id).withDetach(true).exec(new ResultCallback.Adapter<>());
    }

    private static String[] command(String[] environment, String... arguments) {
        List<String> command = new ArrayList<>(List.of("env"));
        command.addAll(List.of(environment));
        command.addAll(List.of(IPC.strip().split(" ")));
        command.addAll(List.of(arguments));
        return command.toArray(String[]::new);
    }

    /// SIGKILL for its process, which is the end of all of it.
    void kill() {
        getDockerClient().killContainerCmd(getContainerId()).exec();
    }

    /// Waits until its only process has ended by itself.
    ///
    /// @return its exit status
    long awaitEnd() throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        ContainerState state;
        do {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("it still runs, and wrote: " + getLogs());
            }
            Thread.sleep(20);
            state = getCurrentContainerInfo().getState();
        } while (state.getRunning());
        return state.getExitCodeLong();
    }
}
