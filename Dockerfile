# The image that predicts and profiles:
#
#   docker build -t tfopt .
#   docker run --rm -it tfopt python
#   docker run --rm --cpus=1 --memory=4G -v $(pwd)/results:/results tfopt python /src/profile.py
#
# TENSORFLOW chooses another TensorFlow: a requirement, or a wheel put into wheels/ beside this file:
#
#   docker build -t tfopt --build-arg TENSORFLOW=wheels/tensorflow_cpu-2.21.0-cp311-….whl .
#
# Plain Dockerfile syntax throughout, so that the classic builder, BuildKit and Podman all take it.
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS builder
ARG TENSORFLOW=tensorflow-cpu==2.21.*
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 TF_CPP_MIN_LOG_LEVEL=2
WORKDIR /build
# What builds the custom ops, outside the environment that the image gets. Any compiler of the base will do.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends g++ \
 && rm -rf /var/lib/apt/lists/* \
 && python -m venv /opt/tools \
 && /opt/tools/bin/pip install --quiet cmake ninja
# TensorFlow has a layer of its own, which a change of the sources leaves in the cache. The pattern
# wheel[s] lets the folder be missing, as LICENSE is there.
COPY tools/tensorflow_requirements.sh tools/
COPY LICENSE wheel[s] wheels/
RUN tools/tensorflow_requirements.sh "$TENSORFLOW" >tensorflow.txt \
 && python -m venv /opt/venv \
 && /opt/venv/bin/pip install --quiet -r tensorflow.txt
# A layer of their own for the ops too: only a change of the C++ sources compiles them.
COPY CMakeLists.txt CMakePresets.json ./
COPY tools/build_ops.sh tools/
COPY custom_ops custom_ops
RUN mkdir -p model/tfopt && PATH=/opt/tools/bin:$PATH tools/build_ops.sh /opt/venv/bin/python
COPY pyproject.toml hatch_build.py LICENSE README.md ./
COPY model model
# The headers go: only compiling against TensorFlow needs them. Any user may read the rest.
RUN /opt/venv/bin/pip install --quiet -r tensorflow.txt '.[profile]' \
 && /opt/venv/bin/pip check \
 && /opt/venv/bin/tfopt download --all \
 && rm -rf /opt/venv/lib/python3*/site-packages/tensorflow/include \
 && chmod -R a+rX /opt/venv

FROM ${BASE}
# /results is where a folder of the host is mounted; without one the user can write it all the same.
RUN useradd --uid 1000 --user-group --no-create-home --home-dir /tmp tfopt \
 && install -d -o tfopt -g tfopt /results
COPY --from=builder /opt/venv /opt/venv
COPY image/entrypoint.sh /usr/local/bin/tfopt-entrypoint
COPY profile.py /src/profile.py
# As readable here whatever the umask was under which the sources were checked out.
RUN chmod 755 /usr/local/bin/tfopt-entrypoint && chmod -R a+rX /src
# For any --user, one without a name or a home too, and for --read-only --tmpfs /tmp.
ENV PATH=/opt/venv/bin:$PATH \
    HOME=/tmp \
    USER=tfopt \
    MPLCONFIGDIR=/tmp/matplotlib \
    TFOPT_RESULTS=/results \
    TF_CPP_MIN_LOG_LEVEL=2
WORKDIR /results
# No USER here: the entrypoint starts as root to learn whose folder is mounted, and drops to that user.
ENTRYPOINT ["tfopt-entrypoint"]
CMD ["python"]
